import type { JobId, JobPosition, JobPriority, JobView } from '@reelmill/protocol';

type Placed = Pick<JobView, 'jobId' | 'priority' | 'state'>;

interface Move {
  readonly jobId: JobId;
  readonly position: JobPosition;
}

export type Direction = 'up' | 'down' | 'top' | 'bottom';

const peersOf = (jobs: readonly Placed[], priority: JobPriority): readonly Placed[] =>
  jobs.filter((job) => job.priority === priority);
const isEnded = ({ state }: Placed): boolean => state === 'done' || state === 'failed' || state === 'canceled';

/** The commands, in order, that move these jobs among the waiting and running ones of their priority, as one block. */
export function movesOf(jobs: readonly Placed[], moved: readonly JobId[], direction: Direction): Move[] {
  const ids = new Set(moved);
  const priorities = [...new Set(jobs.filter(({ jobId }) => ids.has(jobId)).map(({ priority }) => priority))];
  return priorities.flatMap((priority) => {
    const peers = peersOf(jobs, priority).filter((job) => !isEnded(job));
    const block = peers.filter(({ jobId }) => ids.has(jobId)).map(({ jobId }) => jobId);
    if (direction === 'top') return [...block].reverse().map((jobId): Move => ({ jobId, position: 'top' }));
    if (direction === 'bottom') return block.map((jobId): Move => ({ jobId, position: 'bottom' }));
    return stepsOf(peers, block, direction);
  });
}

function stepsOf(peers: readonly Placed[], block: readonly JobId[], direction: 'up' | 'down'): Move[] {
  const inBlock = new Set(block);
  const first = peers.findIndex(({ jobId }) => inBlock.has(jobId));
  const last = peers.findIndex(({ jobId }) => jobId === block.at(-1));
  const neighbour = peers[direction === 'up' ? first - 1 : last + 1]?.jobId;
  if (neighbour === undefined) return [];
  if (direction === 'up') return block.map((jobId) => ({ jobId, position: { before: neighbour } }));
  return [...block].reverse().map((jobId) => ({ jobId, position: { after: neighbour } }));
}

/** Where jobs were among those of their priority, to be put back there whatever came or went meanwhile. */
interface Place {
  readonly jobId: JobId;
  readonly priority: JobPriority;
  readonly before: readonly JobId[];
  readonly after: readonly JobId[];
}

export function placesOf(jobs: readonly Placed[], moved: readonly JobId[]): Place[] {
  const ids = new Set(moved);
  return jobs
    .filter(({ jobId }) => ids.has(jobId))
    .map(({ jobId, priority }) => {
      const peers = peersOf(jobs, priority).map((peer) => peer.jobId);
      const at = peers.indexOf(jobId);
      const after = peers.slice(at + 1).filter((peer) => !ids.has(peer));
      return { jobId, priority, before: peers.slice(0, at).reverse(), after };
    });
}

/**
 * The position that puts a job back: behind the nearest one that stood above it and is still there, else before the
 * nearest that stood below; undefined where it is alone.
 */
export function positionBack(place: Place, now: readonly Placed[]): JobPosition | undefined {
  const there = new Set(peersOf(now, place.priority).map(({ jobId }) => jobId));
  const above = place.before.find((jobId) => there.has(jobId));
  if (above !== undefined) return { after: above };
  const below = place.after.find((jobId) => there.has(jobId));
  return below === undefined ? undefined : { before: below };
}
