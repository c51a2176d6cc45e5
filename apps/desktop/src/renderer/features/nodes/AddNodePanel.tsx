import type { FarmStats } from '@reelmill/protocol';
import { setLan } from '../../store/jobActions.ts';
import { notify, notifyFailure } from '../../store/notices.ts';
import { Button } from '../../ui/Button.tsx';
import { DoctorPanel } from '../doctor/DoctorPanel.tsx';
import { LanSwitch } from '../settings/LanSwitch.tsx';
import styles from './Nodes.module.css';

async function copy(text: string): Promise<void> {
  if (window.farmHost) await window.farmHost.copyText(text);
  else await navigator.clipboard.writeText(text);
  notify('info', 'Line copied. Paste it in a terminal on the other machine.');
}

/** The exact line for another machine; it exists only while the network switch is on. */
export function AddNodePanel({ stats }: { stats: FarmStats | null }) {
  const line = stats?.joinCommand ?? null;
  return (
    <section className={styles.panel} aria-label="Add a node">
      <h2>Add another machine</h2>
      {line ? (
        <>
          <p>Paste this line in a terminal there. It needs Node.js; FFmpeg is found or named if missing.</p>
          <div className={styles.join}>
            <code data-testid="join-line">{line}</code>
            <Button icon="copy" onClick={() => copy(line).catch(notifyFailure)}>
              Copy
            </Button>
          </div>
          <p className={styles.muted}>The line holds this farm's join token: give it only to machines you trust.</p>
        </>
      ) : (
        <>
          <p>Other machines cannot see this farm while the network switch is off.</p>
          <Button primary onClick={() => setLan(true)}>
            Let machines of this network join
          </Button>
        </>
      )}
      <LanSwitch stats={stats} />
      <DoctorPanel />
    </section>
  );
}
