import { assertNever, type JobView } from '@reelmill/protocol';
import type { QueueFilter, QueueSort, ViewState } from '../../store/viewStore.ts';

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

const deadlineMs = ({ deadline }: JobView): number => (deadline === null ? Number.MAX_VALUE : Date.parse(deadline));

/** By what never changes while a job runs: live numbers move no row. */
const compare: Readonly<Record<Exclude<QueueSort, 'queue'>, (left: JobView, right: JobView) => number>> = {
  name: (left, right) => left.name.localeCompare(right.name, undefined, { numeric: true }),
  added: (left, right) => right.submittedAt.localeCompare(left.submittedAt),
  // those without one come last
  deadline: (left, right) => deadlineMs(left) - deadlineMs(right),
};

type QueueView = Pick<ViewState, 'filter' | 'search' | 'sort'>;

/** Jobs shown, in queue order unless another is chosen. */
export function visibleJobs(jobs: readonly JobView[], { filter, search, sort }: QueueView): JobView[] {
  const wanted = search.trim().toLowerCase();
  const shown = jobs.filter(
    (job) => matchesFilter(job, filter) && (wanted === '' || job.input.toLowerCase().includes(wanted)),
  );
  return sort === 'queue' ? shown : shown.sort(compare[sort]);
}
