import type { DoctorCheck, DoctorReport } from '@reelmill/protocol';
import { useState } from 'react';
import { examineFarm } from '../../store/jobActions.ts';
import { notifyFailure } from '../../store/notices.ts';
import { Button } from '../../ui/Button.tsx';
import { timeOfDay } from '../../ui/format.ts';
import styles from './Doctor.module.css';

const words = { ok: 'ok', warning: 'warning', fault: 'fault' } as const;

/** Shapes differ, so that colour is never the only cue. */
const shapes = {
  ok: <path d="M1.5 6.5 4.5 9.5 10.5 2.5" fill="none" stroke="currentColor" strokeWidth="2" />,
  warning: <path d="M6 1.5 11 10.5H1zM6 4.5v3M6 8.8v.4" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  fault: <path d="M2 2 10 10M10 2 2 10" fill="none" stroke="currentColor" strokeWidth="2" />,
} as const;

function Finding({ check }: { check: DoctorCheck }) {
  const { subject, state, found, cause, fix } = check;
  return (
    <li className={styles.finding} data-state={state}>
      <span className={styles.state} data-state={state}>
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          {shapes[state]}
        </svg>
        {words[state]}
      </span>
      <b>{subject}</b>
      <div>
        <p>{found}</p>
        {cause === null ? null : <p>{cause}</p>}
        {fix === null ? null : <p className={styles.fix}>{fix}</p>}
      </div>
    </li>
  );
}

/** Looks at all that a render needs, on the user's word; each finding with its cause and its remedy. */
export function DoctorPanel() {
  const [report, setReport] = useState<DoctorReport | null>(null);
  const [isBusy, setBusy] = useState(false);
  const examine = () => {
    setBusy(true);
    examineFarm()
      .then(setReport, notifyFailure)
      .finally(() => setBusy(false));
  };
  return (
    <section className={styles.panel} aria-label="Doctor" aria-busy={isBusy}>
      <h2>Doctor</h2>
      <p>Looks at address, port, mDNS, store, disk, FFmpeg, encoders and nodes. No job is touched.</p>
      <Button disabled={isBusy} onClick={examine}>
        {isBusy ? 'Examining…' : report === null ? 'Examine this farm' : 'Examine again'}
      </Button>
      {report === null ? null : (
        <>
          <ul className={styles.findings}>
            {report.checks.map((check) => (
              <Finding key={check.subject} check={check} />
            ))}
          </ul>
          <p className={styles.when}>as of {timeOfDay(report.examinedAt)}</p>
        </>
      )}
    </section>
  );
}
