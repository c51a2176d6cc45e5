import { type JobPosition, JobPriority, type JobView } from '@reelmill/protocol';
import { useEffect, useRef } from 'react';
import { useFarm } from '../../store/farmStore.ts';
import { isFinal, moveBy, orderJob, pauseFarm } from '../../store/jobActions.ts';
import styles from './JobMenu.module.css';
import { closeJobMenu, useJobMenu } from './jobMenu.ts';

/** What changes a job's place among the others; opened by its button, or by a click with the other mouse button. */
export function JobMenu() {
  const { jobId, x, y } = useJobMenu();
  const job = useFarm((farm) => farm.jobs.find((one) => one.jobId === jobId) ?? null, null);
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = job !== null && !isFinal(job);
  useEffect(() => {
    if (shown) dialog.current?.showModal();
  }, [shown]);
  if (!shown) return null;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself
    <dialog
      ref={dialog}
      className={styles.menu}
      style={{ left: Math.min(x, window.innerWidth - 200), top: Math.min(y, window.innerHeight - 300) }}
      aria-label={`Order of ${job.name}`}
      data-testid="job-menu"
      onClose={closeJobMenu}
      onClick={(event) => {
        if (event.target === dialog.current) closeJobMenu();
      }}
    >
      <Items job={job} />
    </dialog>
  );
}

function Items({ job }: { job: JobView }) {
  const moveTo = (position: JobPosition) => () => orderJob(job.jobId, { position });
  return (
    <>
      <Item act={() => orderJob(job.jobId, { hold: !job.held })}>{job.held ? 'Resume' : 'Hold'}</Item>
      <Item act={() => pauseFarm(job.jobId)}>Stop after this job</Item>
      <fieldset className={styles.group}>
        <legend>Priority</legend>
        {JobPriority.options.map((priority) => (
          <Item key={priority} pressed={priority === job.priority} act={() => orderJob(job.jobId, { priority })}>
            {priority}
          </Item>
        ))}
      </fieldset>
      <fieldset className={styles.group}>
        <legend>Move</legend>
        <Item act={moveTo('top')}>To the top</Item>
        <Item act={() => moveBy(job.jobId, -1)}>Up</Item>
        <Item act={() => moveBy(job.jobId, 1)}>Down</Item>
        <Item act={moveTo('bottom')}>To the bottom</Item>
      </fieldset>
    </>
  );
}

function Item({ act, pressed, children }: { act: () => void; pressed?: boolean; children: string }) {
  return (
    <button
      type="button"
      className={styles.item}
      aria-pressed={pressed}
      onClick={() => {
        act();
        closeJobMenu();
      }}
    >
      {children}
    </button>
  );
}
