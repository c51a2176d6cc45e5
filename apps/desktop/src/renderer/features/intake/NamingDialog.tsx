import { fillName, type JobView, nameTemplateFault, nameTokens } from '@reelmill/protocol';
import { useRef, useState } from 'react';
import { useFarm } from '../../store/farmStore.ts';
import { changeJobs, isWaiting } from '../../store/jobActions.ts';
import { chooseNameTemplate, useViewStore } from '../../store/viewStore.ts';
import { Button } from '../../ui/Button.tsx';
import controls from '../../ui/controls.module.css';
import { useModal } from '../../ui/useModal.ts';
import styles from './NamingDialog.module.css';
import { closeNaming, useNaming } from './naming.ts';
import { currentPreset } from './submit.ts';

const twoDigits = (value: number): string => String(value).padStart(2, '0');

function localTime(now = new Date()): string {
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(twoDigits).join('-');
  return `${day}T${[now.getHours(), now.getMinutes(), now.getSeconds()].map(twoDigits).join(':')}`;
}

interface Example {
  readonly input: string;
  readonly preset: string;
  readonly container: string;
}

/** The name as the coordinator will settle it, but for a number where it is taken. */
function previewOf(template: string, { input, preset, container }: Example): string {
  const parts = input.split(/[\\/]/);
  const source = (parts.at(-1) ?? '').replace(/\.[^.]*$/, '');
  const name = fillName(template, { source, preset, folder: parts.at(-2) ?? '', counter: 1, at: localTime() });
  return `${name}.${container}`;
}

interface FieldProps {
  readonly title: string;
  readonly initial: string;
  readonly example: Example;
  readonly locked: boolean;
  readonly confirm: string;
  save(template: string): void;
}

function Field({ title, initial, example, locked, confirm, save }: FieldProps) {
  const dialog = useModal(true);
  const field = useRef<HTMLInputElement>(null);
  const [template, setTemplate] = useState(initial);
  const fault = nameTemplateFault(template);
  const insert = (token: string) => {
    const { selectionStart, selectionEnd } = field.current ?? {};
    const [from, to] = [selectionStart ?? template.length, selectionEnd ?? template.length];
    setTemplate(`${template.slice(0, from)}{${token}}${template.slice(to)}`);
    field.current?.focus();
  };
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby="naming-title" onClose={closeNaming}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (fault !== null || locked) return;
          save(template);
          closeNaming();
        }}
      >
        <h2 id="naming-title">{title}</h2>
        <input
          ref={field}
          autoFocus
          className={controls.input}
          aria-label="Name, with tokens"
          aria-invalid={fault !== null}
          aria-describedby="naming-preview"
          spellCheck={false}
          value={template}
          disabled={locked}
          onChange={(event) => setTemplate(event.target.value)}
        />
        <div className={styles.tokens}>
          {nameTokens.map((token) => (
            <button key={token} type="button" disabled={locked} onClick={() => insert(token)}>
              {`{${token}}`}
            </button>
          ))}
        </div>
        <p id="naming-preview" className={styles.preview} data-fault={fault !== null || undefined} role="status">
          {locked ? 'Its encoding has begun: the name is settled.' : (fault ?? previewOf(template, example))}
        </p>
        <p className={styles.note}>A name that is taken gets a number. Nothing is ever overwritten.</p>
        <div className={styles.buttons}>
          <Button onClick={closeNaming}>Cancel</Button>
          <Button primary type="submit" disabled={fault !== null || locked}>
            {confirm}
          </Button>
        </div>
      </form>
    </dialog>
  );
}

function NewNames() {
  const template = useViewStore((view) => view.nameTemplate);
  const remembered = useViewStore((view) => view.preset);
  const preset = useFarm((farm) => currentPreset(farm.presets, remembered), undefined);
  const input = useFarm((farm) => farm.jobs.at(-1)?.input ?? '/Media/REEL_A.mov', '/Media/REEL_A.mov');
  const example = { input, preset: preset?.id ?? 'h264-720p', container: preset?.container ?? 'mp4' };
  const title = 'Names of new outputs';
  return (
    <Field
      {...{ title, initial: template, example, locked: false }}
      confirm="Use for new jobs"
      save={chooseNameTemplate}
    />
  );
}

function Rename({ job }: { job: JobView }) {
  const container = useFarm((farm) => farm.presets.find(({ id }) => id === job.presets[0])?.container ?? 'mp4', 'mp4');
  const planned = (job.plannedOutput ?? '').split(/[\\/]/).at(-1) ?? '';
  const example = { input: job.input, preset: job.presets[0] ?? '', container };
  return (
    <Field
      {...{ title: `Output of ${job.name}`, initial: planned.replace(/\.[^.]*$/, ''), example }}
      locked={!isWaiting(job)}
      confirm="Rename"
      save={(outputName) => changeJobs([job.jobId], { outputName })}
    />
  );
}

/** Names with tokens and what they come to, while they are typed. */
export function NamingDialog() {
  const { subject } = useNaming();
  const jobId = subject?.kind === 'job' ? subject.jobId : null;
  const job = useFarm((farm) => farm.jobs.find((one) => one.jobId === jobId) ?? null, null);
  if (subject?.kind === 'new') return <NewNames />;
  return job ? <Rename job={job} /> : null;
}
