import type { TaskKind } from '@reelmill/protocol';
import type { TaskPlan } from './model.ts';

/**
 * Lower starts earlier within a job. What ends a job precedes what begins one; audio is one long task that nothing
 * can share, so it starts before the chunks; pictures cost little and are looked at first; the source's hash is wanted only at the end.
 */
const kindRank: Record<TaskKind, number> = {
  package: 0,
  publish: 0,
  join: 1,
  assemble: 2,
  probe: 3,
  audio: 4,
  extract: 5,
  encode: 6,
  hash: 7,
};

/** Queue order of two tasks of one job: by kind, then the longest first, then by position in the film. */
export function compareTasks(left: TaskPlan, right: TaskPlan): number {
  return (
    kindRank[left.kind] - kindRank[right.kind] ||
    right.costSeconds - left.costSeconds ||
    (left.chunkIndex ?? 0) - (right.chunkIndex ?? 0) ||
    (left.taskId < right.taskId ? -1 : left.taskId > right.taskId ? 1 : 0)
  );
}

/** Where `item` belongs in `sorted` (which does not hold it yet, or holds it there). */
export function sortedPosition<T>(sorted: readonly T[], item: T, compare: (left: T, right: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle] as T, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
