import { useFarm } from '../../store/farmStore.ts';
import { resumeFarm } from '../../store/jobActions.ts';
import { Button } from '../../ui/Button.tsx';
import styles from './Queue.module.css';

/** Says why nothing starts, and how to go on. */
export function PauseBanner() {
  const paused = useFarm((farm) => farm.stats.paused, false);
  if (!paused) return null;
  return (
    <div className={styles.pause} role="status" data-testid="pause-banner">
      <p>The farm is paused. Nothing new starts until it is resumed.</p>
      <Button icon="play" onClick={resumeFarm}>
        Resume
      </Button>
    </div>
  );
}
