import type { JobView } from '@reelmill/protocol';
import { useFarm, useFarmStore } from '../../store/farmStore.ts';
import { retryJob } from '../../store/jobActions.ts';
import { setView } from '../../store/viewStore.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { causeText } from '../queue/jobTexts.ts';
import styles from './Failures.module.css';

const noJobs: readonly JobView[] = [];
type FailedJob = JobView & { error: NonNullable<JobView['error']> };

/** Failed jobs by code: twenty files with one cause are one entry. */
export function groupByCause(jobs: readonly JobView[]): FailedJob[][] {
  const groups = new Map<string, FailedJob[]>();
  for (const job of jobs) {
    if (job.state !== 'failed' || !job.error) continue;
    const failed = { ...job, error: job.error };
    groups.set(job.error.code, [...(groups.get(job.error.code) ?? []), failed]);
  }
  return [...groups.values()];
}

function retryAll(jobs: readonly FailedJob[]): void {
  for (const job of jobs) retryJob(job.jobId);
}

function Group({ jobs }: { jobs: readonly FailedJob[] }) {
  const first = jobs[0];
  if (!first) return null;
  return (
    <li className={styles.group}>
      <div className={styles.head}>
        <h2>
          {first.error.code} <span>{jobs.length}</span>
        </h2>
        <Button icon="retry" onClick={() => retryAll(jobs)}>
          {jobs.length === 1 ? 'Retry' : `Retry all ${jobs.length}`}
        </Button>
      </div>
      <p className={styles.fix}>{first.error.fix}</p>
      <ul>
        {jobs.map((job) => (
          <li key={job.jobId} className={styles.job}>
            <button
              type="button"
              onClick={() => setView({ screen: 'queue', filter: 'all', selectedJob: job.jobId, inspectorOpen: true })}
            >
              {job.name}
            </button>
            <span className={styles.cause}>{causeText(job, job.error)}</span>
          </li>
        ))}
      </ul>
    </li>
  );
}

export function FailuresScreen() {
  const known = useFarmStore((state) => state.replica !== null);
  const jobs = useFarm<readonly JobView[]>((farm) => farm.jobs, noJobs);
  if (!known) return <Skeleton />;
  const groups = groupByCause(jobs);
  if (groups.length === 0) {
    return (
      <EmptyState action={<Button onClick={() => setView({ screen: 'queue' })}>Go to the queue</Button>}>
        Nothing has failed.
      </EmptyState>
    );
  }
  return (
    <section className={styles.screen} aria-label="Failures">
      <ul>
        {groups.map((group) => (
          <Group key={group[0]?.error.code} jobs={group} />
        ))}
      </ul>
    </section>
  );
}
