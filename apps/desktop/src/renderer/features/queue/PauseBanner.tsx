import { useFarm } from '../../store/farmStore.ts';
import { resumeFarm } from '../../store/jobActions.ts';
import { Button } from '../../ui/Button.tsx';
import styles from './Queue.module.css';

/** Says why nothing starts, or that it will soon not, and how to go on. */
export function PauseBanner() {
  const paused = useFarm((farm) => farm.stats.paused, false);
  const last = useFarm((farm) => {
    const { stopAfter } = farm.stats;
    return stopAfter === null ? null : (farm.jobs.find(({ jobId }) => jobId === stopAfter)?.name ?? stopAfter);
  }, null);
  if (!paused && last === null) return null;
  return (
    <div className={styles.pause} role="status" data-testid="pause-banner">
      <p>
        {paused
          ? 'The farm is paused. What runs goes on to its end; nothing new starts.'
          : `The farm pauses when ${last} ends; jobs below it wait.`}
      </p>
      <Button icon="play" onClick={resumeFarm}>
        {paused ? 'Resume' : 'Do not pause'}
      </Button>
    </div>
  );
}
