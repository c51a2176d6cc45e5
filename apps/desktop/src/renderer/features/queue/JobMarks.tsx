import type { JobView } from '@reelmill/protocol';
import { useFarm } from '../../store/farmStore.ts';
import { isFinal } from '../../store/jobActions.ts';
import { dayAndTime } from '../../ui/format.ts';
import styles from './Queue.module.css';

/** What sets a job apart from others in the queue: its priority, named queue, deadline, and the stop marker. */
export function JobMarks({ job }: { job: JobView }) {
  const stops = useFarm((farm) => farm.stats.stopAfter === job.jobId, false);
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
      {stops ? <Mark title="The farm pauses when this job ends; jobs below it wait">stops after this</Mark> : null}
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
