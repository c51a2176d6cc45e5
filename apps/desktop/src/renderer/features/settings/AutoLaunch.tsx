import { useEffect, useState } from 'react';
import { notifyFailure } from '../../store/notices.ts';
import styles from './Settings.module.css';

/** Whether the app starts when its user signs in. A browser page has no such setting. */
export function AutoLaunch() {
  const [isOn, setOn] = useState<boolean | null>(null);
  useEffect(() => {
    window.farmHost?.autoLaunch().then(setOn, notifyFailure);
  }, []);
  const host = window.farmHost;
  if (!host) return null;
  const change = (enabled: boolean) => host.setAutoLaunch(enabled).then(() => setOn(enabled), notifyFailure);
  return (
    <section className={styles.section} aria-label="This computer">
      <h2>This computer</h2>
      <label className={styles.check}>
        <input
          type="checkbox"
          checked={isOn ?? false}
          disabled={isOn === null}
          onChange={(event) => void change(event.target.checked)}
        />
        <span>
          Start Reelmill when I sign in
          <small>Its queue goes on where it was, and this computer renders with the others.</small>
        </span>
      </label>
    </section>
  );
}
