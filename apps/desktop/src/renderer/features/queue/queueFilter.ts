import { assertNever, type JobView } from '@reelmill/protocol';
import type { QueueFilter } from '../../store/viewStore.ts';

export function matchesFilter(job: JobView, filter: QueueFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'active':
      return job.state === 'preparing' || job.state === 'encoding' || job.state === 'finishing';
    case 'waiting':
      return job.state === 'queued' && !job.held;
    case 'held':
      return job.held && job.state !== 'done' && job.state !== 'failed' && job.state !== 'canceled';
    case 'failed':
      return job.state === 'failed';
    case 'done':
      return job.state === 'done';
    default:
      return assertNever(filter);
  }
}

/** Jobs shown, in queue order: live numbers never move a row. */
export function visibleJobs(jobs: readonly JobView[], filter: QueueFilter, search: string): JobView[] {
  const wanted = search.trim().toLowerCase();
  return jobs.filter(
    (job) => matchesFilter(job, filter) && (wanted === '' || job.input.toLowerCase().includes(wanted)),
  );
}
