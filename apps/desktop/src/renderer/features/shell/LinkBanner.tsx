import { useFarmStore } from '../../store/farmStore.ts';
import { timeOfDay } from '../../ui/format.ts';
import styles from './LinkBanner.module.css';

/** Cause and fix while the window is not live; the content stays where it was, dimmed. */
export function LinkBanner() {
  const link = useFarmStore((state) => state.link);
  const asOf = useFarmStore((state) => (state.link.kind === 'live' ? null : state.asOf));
  if (link.kind !== 'offline' && link.kind !== 'refused') return null;
  return (
    <div className={styles.banner} role="alert">
      <strong>{link.cause}</strong> {link.fix}
      {asOf ? <span className={styles.asOf}>as of {timeOfDay(asOf)}</span> : null}
    </div>
  );
}
