import type { JobId, NodeId, TaskId, TaskKind } from '@reelmill/protocol';
import type { Lease, SchedulerState, TaskState } from './model.ts';
import { PersistentMap } from './persistentMap.ts';
import { compareTasks, sortedPosition } from './queueOrder.ts';

/** What the scheduler keeps of one job so that no decision walks all its tasks. */
export interface JobWork {
  /** Queued tasks in queue order (some may still wait for their `notBefore`). */
  readonly queued: { readonly farm: readonly TaskId[]; readonly house: readonly TaskId[] };
  /** Tasks not completed. */
  readonly open: number;
  /** Who waits for whom: the inverse of `dependsOn`. */
  readonly dependents: ReadonlyMap<TaskId, readonly TaskId[]>;
  /** Toolchain classes its farm tasks ask for. */
  readonly classes: ReadonlySet<string | null>;
  /** Failures in a row, by kind of task and node: see `isBlamed`. */
  readonly blame: ReadonlyMap<BlameKey, number>;
}

export type BlameKey = `${TaskKind} ${NodeId}`;

export interface SchedulerIndex {
  readonly work: PersistentMap<JobId, JobWork>;
  /** Jobs that have queued tasks of that place, in queue order. */
  readonly jobsQueued: { readonly farm: readonly JobId[]; readonly house: readonly JobId[] };
  /** Leases by holder, then by task; holders without any are absent. */
  readonly leases: PersistentMap<NodeId | 'house', ReadonlyMap<TaskId, Lease>>;
}

export const emptyIndex: SchedulerIndex = {
  work: PersistentMap.empty(),
  jobsQueued: { farm: [], house: [] },
  leases: PersistentMap.empty(),
};

export const emptyWork: JobWork = {
  queued: { farm: [], house: [] },
  open: 0,
  dependents: new Map(),
  classes: new Set(),
  blame: new Map(),
};

/** Replaces (or adds, or with null drops) one task, index included: the only way a task changes. */
export function putTask(state: SchedulerState, taskId: TaskId, next: TaskState | null): SchedulerState {
  const before = state.tasks.get(taskId);
  const tasks = next === null ? state.tasks.delete(taskId) : state.tasks.set(taskId, next);
  const changed: SchedulerState = { ...state, tasks };
  const jobId = (next ?? before)?.plan.jobId;
  if (jobId === undefined) return changed;
  return {
    ...changed,
    index: { ...reindexJob(changed, jobId, { before, next }), leases: reindexLeases(state, { before, next }) },
  };
}

interface Change {
  readonly before: TaskState | undefined;
  readonly next: TaskState | null;
}

const isOpen = (task: TaskState | null | undefined): boolean => task != null && task.phase.kind !== 'completed';
const isQueued = (task: TaskState | null | undefined): boolean => task?.phase.kind === 'queued';

function reindexJob(state: SchedulerState, jobId: JobId, change: Change): SchedulerIndex {
  const { before, next } = change;
  const openDelta = Number(isOpen(next)) - Number(isOpen(before));
  const queueDelta = Number(isQueued(next)) - Number(isQueued(before));
  if (openDelta === 0 && queueDelta === 0) return state.index;
  const work = state.index.work.get(jobId) ?? emptyWork;
  const counted: JobWork = { ...work, open: work.open + openDelta };
  const plan = (next ?? before)?.plan;
  if (queueDelta === 0 || plan === undefined) return { ...state.index, work: state.index.work.set(jobId, counted) };
  const place = plan.place;
  const queue = requeued(state, work.queued[place], { task: (next ?? before) as TaskState, add: queueDelta > 0 });
  const queued = { ...work.queued, [place]: queue };
  const index = { ...state.index, work: state.index.work.set(jobId, { ...counted, queued }) };
  if ((queue.length === 0) === (work.queued[place].length === 0)) return index;
  const jobs = requeuedJobs(state, index.jobsQueued[place], { jobId, add: queueDelta > 0 });
  return { ...index, jobsQueued: { ...index.jobsQueued, [place]: jobs } };
}

function requeued(
  state: SchedulerState,
  queue: readonly TaskId[],
  change: { readonly task: TaskState; readonly add: boolean },
): readonly TaskId[] {
  const { plan } = change.task;
  const planOf = (taskId: TaskId) => (taskId === plan.taskId ? plan : (state.tasks.get(taskId)?.plan ?? plan));
  const at = sortedPosition(queue, plan.taskId, (left, right) => compareTasks(planOf(left), planOf(right)));
  return change.add ? queue.toSpliced(at, 0, plan.taskId) : queue.toSpliced(at, 1);
}

function requeuedJobs(
  state: SchedulerState,
  jobs: readonly JobId[],
  change: { readonly jobId: JobId; readonly add: boolean },
): readonly JobId[] {
  const sequenceOf = (jobId: JobId) => state.jobs.get(jobId)?.sequence ?? 0;
  const at = sortedPosition(jobs, change.jobId, (left, right) => sequenceOf(left) - sequenceOf(right));
  return change.add ? jobs.toSpliced(at, 0, change.jobId) : jobs.toSpliced(at, 1);
}

function reindexLeases(state: SchedulerState, { before, next }: Change): SchedulerIndex['leases'] {
  const old = before?.phase.kind === 'leased' ? before.phase.lease : null;
  const lease = next?.phase.kind === 'leased' ? next.phase.lease : null;
  let { leases } = state.index;
  if (before !== undefined && old !== null && old.nodeId !== lease?.nodeId) {
    const rest = new Map(leases.get(old.nodeId));
    rest.delete(before.plan.taskId);
    leases = rest.size === 0 ? leases.delete(old.nodeId) : leases.set(old.nodeId, rest);
  }
  if (next === null || lease === null || lease === old) return leases;
  return leases.set(lease.nodeId, new Map(leases.get(lease.nodeId)).set(next.plan.taskId, lease));
}
