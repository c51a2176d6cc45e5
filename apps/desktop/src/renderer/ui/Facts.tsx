import type { ReactNode } from 'react';
import styles from './Facts.module.css';

export type FactRows = readonly (readonly [label: string, value: ReactNode])[];

/** Labels with their values, a line each; `wide` where the labels are longer words. */
export function Facts({ rows, wide = false }: { rows: FactRows; wide?: boolean }) {
  return (
    <dl className={wide ? `${styles.facts} ${styles.wide}` : styles.facts}>
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
