import styles from './ProgressBar.module.css';

/** A plain bar; moves by transform only. */
export function ProgressBar({ part, label }: { part: number; label: string }) {
  const shown = Math.max(0, Math.min(1, part));
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(shown * 100)}
    >
      <div className={styles.bar} style={{ transform: `scaleX(${shown})` }} />
    </div>
  );
}
