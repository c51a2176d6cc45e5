import { type JobId, type NodeId, type TaskId, timing } from '@reelmill/protocol';
import type { Draft } from './draft.ts';
import { ask, fits, isSuspect, missingTags, onlyObstacles, type Room, roomOf, whyNot } from './eligibility.ts';
import type { NodeRecord, SchedulerState, TaskState } from './model.ts';
import { isSilent, roomBeside, runsBeside } from './nodes.ts';
import { isReservedFor, needsKey, PatienceNotes, reservationOf } from './patience.ts';
import { houseLeaseNeverExpires, leasesOf, taskOf } from './state.ts';
import { isQuarantined } from './trust.ts';

/**
 * Hands queued tasks to free slots: the first job first, idle slots to the next. Each grant is a new attempt, counted
 * now, so that even a crash consumes its number.
 */
export function assignTasks(draft: Draft): void {
  assignHouseTasks(draft);
  assignFarmTasks(draft);
}

function assignHouseTasks(draft: Draft): void {
  let free = draft.limits.houseSlots - leasesOf(draft.state, 'house').size;
  for (const task of queuedTasks(draft, draft.state.index.jobsQueued.house, 'house')) {
    if (free <= 0) return;
    const { attempt, taskId } = grant(draft, task, 'house');
    draft.effect({ type: 'run-house-task', taskId, attempt });
    free -= 1;
  }
}

/** Room for work now, by node. */
type Openings = Map<NodeId, { readonly node: NodeRecord; readonly room: Room }>;
type RoomOf = (state: SchedulerState, node: NodeRecord) => Room;
type TasksOf = (jobs: readonly JobId[], draft: Draft) => Iterable<TaskState>;

const besideRoomOf: RoomOf = (state, node) => ({ ...roomOf(state, node), slots: roomBeside(state, node) });

function assignFarmTasks(draft: Draft): void {
  const notes = new PatienceNotes(draft);
  if (draft.state.index.jobsQueued.farm.length === 0) {
    notes.end(true);
    return;
  }
  assignTo(besideRoomOf, draft, { tasksOf: besideTasks, notes: null });
  assignTo(roomOf, draft, { tasksOf: (reachable) => queuedTasks(draft, reachable, 'farm'), notes });
}

function findOpenings(draft: Draft, room: RoomOf): Openings {
  const found: Openings = new Map();
  for (const node of draft.state.nodes.values()) {
    if (node.draining || isSilent(node, draft.at) || isQuarantined(draft.state, node.nodeId)) continue;
    const free = room(draft.state, node);
    if (free.slots > 0) found.set(node.nodeId, { node, room: free });
  }
  return found;
}

/** @param own `notes`: null where a task that is not placed may still be placed otherwise */
function assignTo(
  room: RoomOf,
  draft: Draft,
  { tasksOf, notes }: { readonly tasksOf: TasksOf; readonly notes: PatienceNotes | null },
): void {
  const openings = findOpenings(draft, room);
  if (openings.size === 0) return;
  const jobs = draft.state.index.jobsQueued.farm;
  const reachable = jobs.filter((jobId) => isReachable(draft, jobId, openings));
  // of tasks with the same needs the first one speaks for all
  const hopeless = new Set<string>();
  for (const task of tasksOf(reachable, draft)) {
    const needs = needsKey(task.plan);
    const isAlike = task.failedOn.length === 0 && task.avoid === undefined;
    if (isAlike && hopeless.has(needs)) continue;
    const node = chooseNode(draft, task, openings);
    if (node === null) {
      if (isAlike) hopeless.add(needs);
      if (notes !== null) noteWaiting(draft, task, { openings, notes });
      continue;
    }
    const { attempt, taskId } = grant(draft, task, node.nodeId);
    draft.effect({ type: 'offer-task', nodeId: node.nodeId, taskId, attempt });
    notes?.placed(task.plan);
    takeRoom(openings, node, room(draft.state, node));
    if (openings.size === 0) return;
  }
  notes?.end(reachable.length === jobs.length);
}

/** What waits for tagged nodes, or for memory that smaller tasks hold, does not wait for ever. */
function noteWaiting(
  draft: Draft,
  task: TaskState,
  { openings, notes }: { readonly openings: Openings; readonly notes: PatienceNotes },
): void {
  const { plan } = task;
  notes.passedOver(plan);
  let largest: { readonly nodeId: NodeId; readonly freeBytes: number } | null = null;
  for (const { node, room } of openings.values()) {
    const obstacles = whyNot(ask(draft, task, { node, room }));
    if (plan.pin?.spill === 'busy' && onlyObstacles(obstacles, ['tag'])) notes.blocked('pin', plan);
    if (!onlyObstacles(obstacles, ['memory-now', 'reserved'])) continue;
    notes.blocked('memory', plan);
    const { memoryBytes: freeBytes } = room;
    if (largest === null || freeBytes > largest.freeBytes) largest = { nodeId: node.nodeId, freeBytes };
  }
  if (!canKeepReservation(draft, task)) notes.release();
  if (largest !== null) notes.wants(plan, largest.nodeId);
}

/** False where a node is kept free for this task and cannot take it whatever ends there. */
function canKeepReservation({ state, at }: Draft, task: TaskState): boolean {
  const reserved = reservationOf(state);
  if (reserved === null || !isReservedFor(state, reserved, task.plan)) return true;
  const node = state.nodes.get(reserved.nodeId);
  if (node === undefined) return false;
  return onlyObstacles(whyNot(ask({ state, at }, task, { node, room: roomOf(state, node) })), [
    'memory-now',
    'no-slot',
  ]);
}

/** What needs no slot, up to the first job that has other work: later jobs shall not slow it down. */
function* besideTasks(jobs: readonly JobId[], draft: Draft): Generator<TaskState, void, unknown> {
  for (const jobId of jobs) {
    for (const task of queuedTasks(draft, [jobId], 'farm')) {
      if (!runsBeside(task.plan)) return;
      yield task;
    }
  }
}

/** Whether a free node is of a class that the job asks for at all; spares a walk through its chunks. */
function isReachable(draft: Draft, jobId: JobId, openings: Openings): boolean {
  const classes = draft.state.index.work.get(jobId)?.classes ?? new Set();
  if (classes.has(null)) return true;
  for (const { node } of openings.values()) {
    if (classes.has(node.toolchainClass) || node.hardwareClasses?.some((one) => classes.has(one))) return true;
  }
  return false;
}

/** In queue order, those whose wait is over. The lists are of the state at the first call: grants do not disturb it. */
function* queuedTasks(
  draft: Draft,
  jobs: readonly JobId[],
  place: 'farm' | 'house',
): Generator<TaskState, void, unknown> {
  for (const jobId of jobs) {
    for (const taskId of draft.state.index.work.get(jobId)?.queued[place] ?? []) {
      const task = taskOf(draft.state, taskId);
      if (task.phase.kind === 'queued' && task.phase.notBefore <= draft.at) yield task;
    }
  }
}

/** The freest node with nothing against it; one that carries the tags asked for, and that has not failed it, if possible. */
function chooseNode({ state, at }: Draft, task: TaskState, openings: Openings): NodeRecord | null {
  let best: Candidate | null = null;
  for (const { node, room } of openings.values()) {
    if (!fits(ask({ state, at }, task, { node, room }))) continue;
    const isSecond = isSuspect(state, task, node.nodeId);
    const candidate = { node, slots: room.slots, rank: 2 * missingTags(task.plan, node).length + Number(isSecond) };
    if (best === null || isBetter(candidate, best)) best = candidate;
  }
  return best?.node ?? null;
}

interface Candidate {
  readonly node: NodeRecord;
  readonly slots: number;
  /** Lower is better. */
  readonly rank: number;
}

function isBetter(one: Candidate, other: Candidate): boolean {
  if (one.rank !== other.rank) return one.rank < other.rank;
  if (one.slots !== other.slots) return one.slots > other.slots;
  return one.node.nodeId < other.node.nodeId;
}

function takeRoom(openings: Openings, node: NodeRecord, room: Room): void {
  if (room.slots > 0) openings.set(node.nodeId, { node, room });
  else openings.delete(node.nodeId);
}

function grant(draft: Draft, task: TaskState, nodeId: NodeId | 'house'): { attempt: number; taskId: TaskId } {
  const { taskId } = task.plan;
  const attempt = task.attempts + 1;
  const expiresAt = nodeId === 'house' ? houseLeaseNeverExpires : draft.at + timing.leaseTtlMs;
  draft.emit({ type: 'lease-granted', v: 1, taskId, attempt, nodeId, expiresAt });
  return { attempt, taskId };
}
