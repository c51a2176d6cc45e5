import { useState } from 'react';
import { notifyFailure } from '../../store/notices.ts';
import { Button } from '../../ui/Button.tsx';
import styles from '../settings/Settings.module.css';
import type { FarmNews } from './farmNews.ts';
import { useNews, want } from './newsStore.ts';

const labels: Readonly<Record<FarmNews['kind'], string>> = {
  failed: 'A job failed',
  'queue-empty': 'The queue is empty',
  done: 'A job is done',
};
const kinds = Object.keys(labels) as FarmNews['kind'][];

/** A browser asks its user before it shows any. */
function BrowserPermission() {
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : 'denied'));
  if (window.farmHost || permission === 'granted') return null;
  if (permission === 'denied') return <p>This browser shows none for this page; its own settings can allow them.</p>;
  return (
    <Button onClick={() => void Notification.requestPermission().then(setPermission, notifyFailure)}>
      Allow notifications in this browser
    </Button>
  );
}

/** What is told while the window is not in front; everything stays in the list of news. */
export function NotificationSettings() {
  const wanted = useNews((state) => state.wanted);
  return (
    <section className={styles.section} aria-label="Notifications">
      <h2>Notifications</h2>
      <p>Told while this window is not in front, at most one in ten seconds.</p>
      {kinds.map((kind) => (
        <label key={kind} className={styles.check}>
          <input type="checkbox" checked={wanted[kind]} onChange={(event) => want({ [kind]: event.target.checked })} />
          <span>{labels[kind]}</span>
        </label>
      ))}
      <BrowserPermission />
    </section>
  );
}
