import type { TaskId, TaskKind } from '@reelmill/protocol';
import type { TaskPlan } from './model.ts';
import { sortedPosition } from './sortedPosition.ts';

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

/**
 * Queue order of two tasks of one job: by kind, then chunks spread over the film, those of one chunk longest first.
 * Bit-reversed places (0, n/2, n/4, 3n/4, …) make any first few chunks a sample of the whole film.
 */
export function compareTasks(left: TaskPlan, right: TaskPlan): number {
  return (
    comparePlaces(left, right) ||
    right.costSeconds - left.costSeconds ||
    (left.taskId < right.taskId ? -1 : left.taskId > right.taskId ? 1 : 0)
  );
}

type Place = Pick<TaskPlan, 'kind' | 'chunkIndex'>;

const comparePlaces = (left: Place, right: Place): number =>
  kindRank[left.kind] - kindRank[right.kind] ||
  reversedBits(left.chunkIndex ?? 0) - reversedBits(right.chunkIndex ?? 0);

/** The 32 bits in reverse order. Whatever the number of chunks, sorting by it visits them as van der Corput (1935) did. */
function reversedBits(value: number): number {
  let bits = value;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}

type PlanOf = (taskId: TaskId) => TaskPlan;

/** So few queued tasks of a job are its last ones: at least these, at most those, else a quarter of its chunks. */
const lastTasks = { atLeast: 8, atMost: 64 };

/**
 * The order in which queued tasks are handed out. The last ones go longest first, so that what ends a job is short;
 * among equally long ones the spread stays.
 * @param chunks of the whole job
 */
export function dispatchOrder(queue: readonly TaskId[], chunks: number, planOf: PlanOf): readonly TaskId[] {
  if (queue.length < 2 || queue.length > lastOnes(chunks)) return queue;
  const plans = queue.map(planOf);
  plans.sort((left, right) => kindRank[left.kind] - kindRank[right.kind] || right.costSeconds - left.costSeconds);
  return plans.map((plan) => plan.taskId);
}

const lastOnes = (chunks: number): number =>
  Math.min(lastTasks.atMost, Math.max(lastTasks.atLeast, Math.floor(chunks / 4)));

/** The chunk that follows this one in the film, of the same rendition, where it is queued. */
export function queuedSuccessor(queue: readonly TaskId[], plan: TaskPlan, planOf: PlanOf): TaskId | undefined {
  if (plan.chunkIndex === null) return undefined;
  const place: Place = { kind: plan.kind, chunkIndex: plan.chunkIndex + 1 };
  const placeOf = (taskId: TaskId | null): Place => (taskId === null ? place : planOf(taskId));
  const first = sortedPosition<TaskId | null>(queue, null, (left, right) =>
    comparePlaces(placeOf(left), placeOf(right)),
  );
  for (let at = first; at < queue.length; at += 1) {
    const taskId = queue[at] as TaskId;
    const candidate = planOf(taskId);
    if (comparePlaces(candidate, place) !== 0) return undefined;
    if (candidate.rendition === plan.rendition) return taskId;
  }
  return undefined;
}
