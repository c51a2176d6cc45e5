import { useEffect, useState } from 'react';
import styles from './Skeleton.module.css';

const rows = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Placeholder rows, shown only when loading takes longer than a blink. */
export function Skeleton() {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={styles.skeleton} aria-busy="true">
      <p className="visually-hidden">Loading…</p>
      {shown ? rows.map((row) => <div key={row} className={styles.row} />) : null}
    </div>
  );
}
