import { JobPriority, type PresetView } from '@reelmill/protocol';
import { type FormEvent, useId, useState } from 'react';
import { useFarm } from '../../store/farmStore.ts';
import { addWatchFolder } from '../../store/jobActions.ts';
import { notifyFailure } from '../../store/notices.ts';
import { useViewStore } from '../../store/viewStore.ts';
import { Button } from '../../ui/Button.tsx';
import controls from '../../ui/controls.module.css';
import { currentPreset } from '../intake/submit.ts';
import styles from './Watch.module.css';

const noPresets: readonly PresetView[] = [];

interface FolderFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly required?: boolean;
  onChange(path: string): void;
}

/** A path; in the desktop app with the system's folder chooser beside it. */
function FolderField({ label, value, placeholder, required = false, onChange }: FolderFieldProps) {
  const id = useId();
  const choose = async () => {
    const folder = await window.farmHost?.chooseFolder();
    if (folder) onChange(folder);
  };
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className={`${controls.input} ${styles.pathInput}`}
        value={value}
        placeholder={placeholder}
        required={required}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
      {window.farmHost ? (
        <Button icon="folder" aria-label={`Choose: ${label}`} onClick={() => choose().catch(notifyFailure)}>
          Choose…
        </Button>
      ) : null}
    </div>
  );
}

/** What becomes of each media file that appears in a folder. */
export function AddWatchFolder({ onDone }: { onDone(): void }) {
  const presets = useFarm<readonly PresetView[]>((farm) => farm.presets, noPresets);
  const remembered = useViewStore((view) => view.preset);
  const [path, setPath] = useState('');
  const [outputFolder, setOutputFolder] = useState(useViewStore((view) => view.outputFolder) ?? '');
  const [isBusy, setBusy] = useState(false);
  const ids = { preset: useId(), priority: useId() };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    addWatchFolder({
      path: path.trim(),
      preset: [String(form.get('preset'))],
      outputFolder: outputFolder.trim() || null,
      recursive: form.has('recursive'),
      move: form.has('move'),
      priority: JobPriority.parse(form.get('priority')),
    })
      .then(onDone, notifyFailure)
      .finally(() => setBusy(false));
  };
  return (
    <form className={styles.form} aria-label="Watch a folder" onSubmit={submit}>
      <FolderField label="Folder" value={path} placeholder="/path/on/the/coordinator" required onChange={setPath} />
      <FolderField label="Outputs" value={outputFolder} placeholder="beside each source" onChange={setOutputFolder} />
      <div className={styles.field}>
        <label htmlFor={ids.preset}>Preset</label>
        <select
          id={ids.preset}
          name="preset"
          className={controls.select}
          defaultValue={currentPreset(presets, remembered)?.id}
        >
          {presets.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <label htmlFor={ids.priority}>Priority</label>
        <select id={ids.priority} name="priority" className={controls.select} defaultValue="normal">
          {JobPriority.options.map((priority) => (
            <option key={priority}>{priority}</option>
          ))}
        </select>
      </div>
      <div className={styles.choices}>
        <label>
          <input type="checkbox" name="recursive" /> With subfolders
        </label>
        <label>
          <input type="checkbox" name="move" /> Move a source to “done” when its job is done
        </label>
      </div>
      <p className={styles.settings}>
        Files there now are picked up, too. A file is taken once it has not changed for 5 seconds and opens.
      </p>
      <div className={styles.choices}>
        <Button primary type="submit" disabled={isBusy || path.trim() === ''}>
          Watch this folder
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}
