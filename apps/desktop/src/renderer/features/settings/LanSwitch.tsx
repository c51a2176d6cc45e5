import type { FarmStats } from '@reelmill/protocol';
import { setLan } from '../../store/jobActions.ts';
import styles from './Settings.module.css';

export function LanSwitch({ stats }: { stats: FarmStats | null }) {
  return (
    <label className={styles.check}>
      <input
        type="checkbox"
        checked={stats?.lan ?? false}
        disabled={!stats}
        onChange={(event) => setLan(event.target.checked)}
      />
      <span>
        Let machines of this network join
        <small>Listens on the network and announces itself; joining still needs the token.</small>
      </span>
    </label>
  );
}
