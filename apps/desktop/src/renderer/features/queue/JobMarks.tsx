import type { JobView } from '@reelmill/protocol';
import { isFinal } from '../../store/jobActions.ts';
import { dayAndTime } from '../../ui/format.ts';
import styles from './Queue.module.css';

/** What sets a job apart from others in the queue: its priority, named queue and deadline, and frames that are missing. */
export function JobMarks({ job }: { job: JobView }) {
  const waits = !isFinal(job);
  return (
    <>
      {waits && job.priority !== 'normal' ? <Mark tone={job.priority}>{job.priority}</Mark> : null}
      {waits && job.queue !== null ? <Mark>{job.queue}</Mark> : null}
      {job.deadlineRisk !== 'none' && job.deadline !== null ? (
        <Mark tone={job.deadlineRisk} title={`Deadline ${dayAndTime(job.deadline)}`}>
          {job.deadlineRisk === 'late' ? 'late' : 'deadline at risk'}
        </Mark>
      ) : null}
      {job.sequence ? <Mark>{`${job.sequence.frames} frames`}</Mark> : null}
      {job.sequence?.missing ? (
        <Mark tone="at-risk" title={`Missing: ${job.sequence.missing}`}>
          {`missing ${job.sequence.missing}`}
        </Mark>
      ) : null}
    </>
  );
}

function Mark({ tone, title, children }: { tone?: string; title?: string; children: string }) {
  return (
    <span className={styles.mark} data-tone={tone} data-testid="job-mark" title={title}>
      {children}
    </span>
  );
}
