import type { FarmView } from '@reelmill/protocol';
import { useFarmStore } from '../../store/farmStore.ts';
import { notifyFailure } from '../../store/notices.ts';
import { chooseOutputFolder, useViewStore } from '../../store/viewStore.ts';
import { Button } from '../../ui/Button.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { bytes } from '../../ui/format.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { DoctorPanel } from '../doctor/DoctorPanel.tsx';
import { NotificationSettings } from '../notifications/NotificationSettings.tsx';
import { AutoLaunch } from './AutoLaunch.tsx';
import { LanSwitch } from './LanSwitch.tsx';
import styles from './Settings.module.css';

async function pickFolder(): Promise<void> {
  const folder = await window.farmHost?.chooseFolder();
  if (folder) chooseOutputFolder(folder);
}

function OutputFolder() {
  const folder = useViewStore((view) => view.outputFolder);
  return (
    <section className={styles.section} aria-label="Outputs">
      <h2>Outputs</h2>
      <p>
        {folder ? <span className={styles.mono}>{folder}</span> : 'Each output goes beside its source.'} Existing files
        are never overwritten.
      </p>
      {window.farmHost ? (
        <div className={styles.buttons}>
          <Button icon="folder" onClick={() => pickFolder().catch(notifyFailure)}>
            Choose folder…
          </Button>
          <Button disabled={folder === null} onClick={() => chooseOutputFolder(null)}>
            Beside each source
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function Farm({ farm }: { farm: FarmView }) {
  const rows: [string, string][] = [
    ['Coordinator', farm.coordinatorName],
    ['Id', farm.coordinatorId],
    ['Version', farm.productVersion],
    ['Storage', farm.stats.storage.kind === 's3' ? 'S3' : 'on this computer'],
    ['Free space', bytes(farm.stats.storage.freeBytes)],
  ];
  return (
    <section className={styles.section} aria-label="This farm">
      <h2>This farm</h2>
      <Facts rows={rows} wide />
    </section>
  );
}

export function SettingsScreen() {
  const farm = useFarmStore((state) => state.replica?.farm ?? null);
  if (!farm) return <Skeleton />;
  return (
    <div className={styles.screen}>
      <section className={styles.section} aria-label="Network">
        <h2>Network</h2>
        <LanSwitch stats={farm.stats} />
      </section>
      <OutputFolder />
      <NotificationSettings />
      <AutoLaunch />
      <DoctorPanel />
      <Farm farm={farm} />
    </div>
  );
}
