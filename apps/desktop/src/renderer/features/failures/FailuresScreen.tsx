import type { JobView } from '@reelmill/protocol';
import { useFarm, useFarmStore } from '../../store/farmStore.ts';
import { retryFailures } from '../../store/jobActions.ts';
import { setView } from '../../store/viewStore.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { requestGiveUp } from '../job/lossDialog.ts';
import { causeText } from '../queue/jobTexts.ts';
import styles from './Failures.module.css';
import { type FailedJob, groupByCause, triedOn } from './groupByCause.ts';

const noJobs: readonly JobView[] = [];
const idsOf = (jobs: readonly FailedJob[]) => jobs.map(({ jobId }) => jobId);

/** One click for all jobs of a cause; elsewhere only where nodes failed them and others may do better. */
function GroupButtons({ jobs }: { jobs: readonly FailedJob[] }) {
  const all = jobs.length === 1 ? '' : ` all ${jobs.length}`;
  return (
    <div className={styles.buttons}>
      {triedOn(jobs).length === 0 ? null : (
        <Button onClick={() => retryFailures(idsOf(jobs), 'failed-nodes')}>Retry{all} on other nodes</Button>
      )}
      <Button onClick={() => requestGiveUp(jobs)}>Give up{all}</Button>
      <Button icon="retry" onClick={() => retryFailures(idsOf(jobs))}>
        Retry{all}
      </Button>
    </div>
  );
}

function FailedRow({ job }: { job: FailedJob }) {
  return (
    <li className={styles.job}>
      <button
        type="button"
        className={styles.name}
        onClick={() => setView({ screen: 'queue', filter: 'all', selectedJob: job.jobId, inspectorOpen: true })}
      >
        {job.name}
      </button>
      <span className={styles.cause}>
        {causeText(job, job.error)}
        {job.failedOn.length > 0 ? ` Tried on ${job.failedOn.join(', ')}.` : ''}
      </span>
      <IconButton icon="retry" label={`Retry ${job.name}`} onClick={() => retryFailures([job.jobId])} />
      <IconButton icon="remove" label={`Give up ${job.name}`} onClick={() => requestGiveUp([job])} />
    </li>
  );
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
        <GroupButtons jobs={jobs} />
      </div>
      <p className={styles.fix}>{first.error.fix}</p>
      <ul>
        {jobs.map((job) => (
          <FailedRow key={job.jobId} job={job} />
        ))}
      </ul>
    </li>
  );
}

/** What failed for good, by cause, with what can be done about it. */
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
