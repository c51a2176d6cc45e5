import type { JobId, NodeId, TaskId, TaskKind } from '@reelmill/protocol';
import { emptyPlaceOrder, type PlaceOrder, relane } from './lanes.ts';
import type { ClockMs, Lease, Place, SchedulerState, TaskState } from './model.ts';
import { loadOf, slotsTaken, wanting } from './nodeLoad.ts';
import { PersistentMap } from './persistentMap.ts';
import { compareTasks } from './queueOrder.ts';
import { sortedPosition } from './sortedPosition.ts';
import { countSpace, emptySpaceIndex, type SpaceIndex } from './spaceIndex.ts';
import { leasesOfTask } from './taskLeases.ts';

/** What the scheduler keeps of one job so that no decision walks all its tasks. */
export interface JobWork {
  /** Queued tasks in queue order (some may still wait for their `notBefore`). */
  readonly queued: Readonly<Record<Place, readonly TaskId[]>>;
  /** When it began to wait at that place: it had nothing queued there, was resumed, or was granted something. */
  readonly waitingSince: Readonly<Record<Place, ClockMs>>;
  /** Slots its tasks take now. */
  readonly busySlots: number;
  /** Whether a farm task of its plan was ever granted. */
  readonly begun: boolean;
  /** Tasks not completed. */
  readonly open: number;
  /** Who waits for whom: the inverse of `dependsOn`. */
  readonly dependents: ReadonlyMap<TaskId, readonly TaskId[]>;
  /** Toolchain classes its farm tasks ask for. */
  readonly classes: ReadonlySet<string | null>;
  /** Chunks of the plan and their cost, and what backup copies of them cost so far: the promise about waste counts these. */
  readonly chunks: number;
  readonly chunkSeconds: number;
  readonly backupSeconds: number;
  /** Failures in a row, by kind of task and node: see `isBlamed`. */
  readonly blame: ReadonlyMap<BlameKey, number>;
}

export type BlameKey = `${TaskKind} ${NodeId}`;

export interface SchedulerIndex {
  readonly work: PersistentMap<JobId, JobWork>;
  /** Between the jobs that have queued tasks of that place. */
  readonly order: Readonly<Record<Place, PlaceOrder>>;
  /** Slots taken now, by named queue (null: jobs without one). */
  readonly busySlots: ReadonlyMap<string | null, number>;
  /** Leases by holder, then by task; holders without any are absent. */
  readonly leases: PersistentMap<NodeId | 'house', ReadonlyMap<TaskId, Lease>>;
  /** Free slots of connected nodes; nodes without any are absent. */
  readonly room: PersistentMap<NodeId, number>;
  readonly space: SpaceIndex;
}

export const emptyIndex: SchedulerIndex = {
  work: PersistentMap.empty(),
  order: { farm: emptyPlaceOrder, house: emptyPlaceOrder },
  busySlots: new Map(),
  leases: PersistentMap.empty(),
  room: PersistentMap.empty(),
  space: emptySpaceIndex,
};

export const emptyWork: JobWork = {
  queued: { farm: [], house: [] },
  waitingSince: { farm: 0, house: 0 },
  busySlots: 0,
  begun: false,
  open: 0,
  dependents: new Map(),
  classes: new Set(),
  chunks: 0,
  chunkSeconds: 0,
  backupSeconds: 0,
  blame: new Map(),
};

/** Replaces (or adds, or with null drops) one task, index included: the only way a task changes. */
export function putTask(state: SchedulerState, taskId: TaskId, next: TaskState | null): SchedulerState {
  const before = state.tasks.get(taskId);
  const tasks = next === null ? state.tasks.delete(taskId) : state.tasks.set(taskId, next);
  const changed: SchedulerState = { ...state, tasks };
  const jobId = (next ?? before)?.plan.jobId;
  if (jobId === undefined) return changed;
  const index = reindexJob(changed, jobId, { before, next });
  const leases = reindexLeases(state, { before, next });
  if (leases === index.leases) return { ...changed, index };
  const touched = [...leasesOfTask(before), ...leasesOfTask(next)].map((lease) => lease.nodeId);
  return touched.reduce(reindexRoom, { ...changed, index: { ...index, leases } });
}

/**
 * Adds tasks of a job that nobody holds, all at once: a plan of thousands is sorted once, not inserted one by one.
 * `work` is that of the job, before they are counted.
 */
export function putNewTasks(
  state: SchedulerState,
  added: readonly TaskState[],
  { jobId, work }: { readonly jobId: JobId; readonly work: JobWork },
): SchedulerState {
  let { tasks } = state;
  for (const task of added) tasks = tasks.set(task.plan.taskId, task);
  let counted: JobWork = { ...work, open: work.open + added.filter(isOpen).length };
  let { order } = state.index;
  for (const place of ['farm', 'house'] as const) {
    const plans = added.filter((task) => isQueued(task) && task.plan.place === place).map(({ plan }) => plan);
    if (plans.length === 0) continue;
    const before = counted.queued[place];
    const queued = [...before.flatMap((taskId) => tasks.get(taskId)?.plan ?? []), ...plans].sort(compareTasks);
    counted = queuedAt(counted, place, { queue: queued.map(({ taskId }) => taskId), at: state.clock });
    const jobOrder = state.jobs.get(jobId)?.order;
    if (before.length > 0 || jobOrder === undefined) continue;
    order = { ...order, [place]: relane(order[place], { jobId, from: null, to: jobOrder }, state.jobs) };
  }
  return { ...state, tasks, index: { ...state.index, order, work: state.index.work.set(jobId, counted) } };
}

/** What was queued there before decides whether the job begins to wait now. */
function queuedAt(
  work: JobWork,
  place: Place,
  { queue, at }: { readonly queue: readonly TaskId[]; readonly at: ClockMs },
): JobWork {
  const waitingSince = work.queued[place].length === 0 ? { ...work.waitingSince, [place]: at } : work.waitingSince;
  return { ...work, waitingSince, queued: { ...work.queued, [place]: queue } };
}

/** Counts the free slots of a node anew: it came, went, changed, or its leases did. */
export function reindexRoom(state: SchedulerState, nodeId: NodeId | 'house'): SchedulerState {
  if (nodeId === 'house') return state;
  const { index, nodes, tasks } = state;
  const slots = nodes.get(nodeId)?.slots ?? 0;
  const free = slots === 0 ? 0 : Math.max(0, slots - wanting(loadOf(index.leases.get(nodeId), tasks), slots));
  if (free === (index.room.get(nodeId) ?? 0)) return state;
  const room = free === 0 ? index.room.delete(nodeId) : index.room.set(nodeId, free);
  return { ...state, index: { ...index, room } };
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
  const busyDelta = slotsTaken(next) - slotsTaken(before);
  if (openDelta === 0 && queueDelta === 0 && busyDelta === 0) return state.index;
  const work = state.index.work.get(jobId) ?? emptyWork;
  const counted: JobWork = {
    ...work,
    begun: work.begun || (next?.phase.kind === 'leased' && next.plan.place === 'farm'),
    open: work.open + openDelta,
    busySlots: work.busySlots + busyDelta,
  };
  const queue = state.jobs.get(jobId)?.order.queue ?? null;
  const busySlots = addBusy(state.index.busySlots, queue, busyDelta);
  const worked = { ...state, index: { ...state.index, busySlots, work: state.index.work.set(jobId, counted) } };
  const { index } = counted.begun === work.begun ? worked : countSpace(state, worked, jobId);
  const task = next ?? before;
  if (queueDelta === 0 || task === undefined) return index;
  return requeue({ ...state, index }, task, queueDelta > 0);
}

/** The task joins or leaves the queue of its job. */
function requeue(state: SchedulerState, task: TaskState, add: boolean): SchedulerIndex {
  const { jobId, place } = task.plan;
  const { queued } = state.index.work.get(jobId) ?? emptyWork;
  return withQueue(state, { jobId, place }, requeued(state, queued[place], { task, add }));
}

/** The first queued task of a job brings it into its lane, the last one out of it. */
function withQueue(
  state: SchedulerState,
  { jobId, place }: { readonly jobId: JobId; readonly place: Place },
  queue: readonly TaskId[],
): SchedulerIndex {
  const { index } = state;
  const work = index.work.get(jobId) ?? emptyWork;
  const wasEmpty = work.queued[place].length === 0;
  const next = { ...index, work: index.work.set(jobId, queuedAt(work, place, { queue, at: state.clock })) };
  const order = state.jobs.get(jobId)?.order;
  if (order === undefined || wasEmpty === (queue.length === 0)) return next;
  const change = { jobId, from: wasEmpty ? null : order, to: wasEmpty ? order : null };
  return { ...next, order: { ...next.order, [place]: relane(next.order[place], change, state.jobs) } };
}

/** Slots that jobs of a queue take now. */
export function addBusy(
  busySlots: SchedulerIndex['busySlots'],
  queue: string | null,
  delta: number,
): SchedulerIndex['busySlots'] {
  if (delta === 0) return busySlots;
  const count = (busySlots.get(queue) ?? 0) + delta;
  const counts = new Map(busySlots);
  if (count === 0) counts.delete(queue);
  else counts.set(queue, count);
  return counts;
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

function reindexLeases(state: SchedulerState, { before, next }: Change): SchedulerIndex['leases'] {
  const taskId = (next ?? before)?.plan.taskId;
  const [old, now] = [leasesOfTask(before), leasesOfTask(next)];
  let { leases } = state.index;
  if (taskId === undefined) return leases;
  for (const { nodeId } of old) {
    if (now.some((lease) => lease.nodeId === nodeId)) continue;
    const rest = new Map(leases.get(nodeId));
    rest.delete(taskId);
    leases = rest.size === 0 ? leases.delete(nodeId) : leases.set(nodeId, rest);
  }
  for (const lease of now) {
    if (old.includes(lease)) continue;
    leases = leases.set(lease.nodeId, new Map(leases.get(lease.nodeId)).set(taskId, lease));
  }
  return leases;
}
