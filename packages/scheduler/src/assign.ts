import { type JobId, type NodeId, timing } from '@reelmill/protocol';
import { isSuspect } from './blame.ts';
import { isClosed } from './closure.ts';
import type { HeldLease } from './command.ts';
import type { Draft } from './draft.ts';
import { ask, couldTake, fits, missingTags, onlyObstacles, roomOf, whyNot } from './eligibility.ts';
import { isLeftToFaster } from './lastTasks.ts';
import type { NodeRecord, TaskState } from './model.ts';
import { runsBeside } from './nodeLoad.ts';
import { type Offering, tasksInOrder, tasksInTurn } from './offerOrder.ts';
import {
  besideOpenings,
  besideRoomOf,
  freeOpenings,
  type Opening,
  OpeningLine,
  type Openings,
  openingOf,
  type RoomRule,
  reopen,
} from './openings.ts';
import { isReservedFor, needsKey, PatienceNotes, reservationOf } from './patience.ts';
import { admitAll, meterQueues } from './queueMeter.ts';
import { spaceShortageOf } from './space.ts';
import { houseLeaseNeverExpires, leasesOf } from './state.ts';

/**
 * Hands queued tasks to free slots in the order of `offerOrder.ts`: what the first does not need goes to the next. Each
 * grant is a new attempt, counted now, so that even a crash consumes its number.
 */
export function assignTasks(draft: Draft): void {
  if (draft.state.gate.paused) return;
  assignHouseTasks(draft);
  // what ends a job makes room on a full disk; chunks only fill it further
  if (!draft.state.space.low) assignFarmTasks(draft);
}

function assignHouseTasks(draft: Draft): void {
  const slots = draft.limits.houseSlots;
  let free = slots - leasesOf(draft.state, 'house').size;
  if (free <= 0) return;
  const offering: Offering = { place: 'house', slots: () => slots, admits: admitAll, reaches: () => true };
  for (const task of tasksInOrder(draft, offering)) {
    draft.effect({ type: 'run-house-task', ...grant(draft, task, 'house') });
    free -= 1;
    if (free <= 0) return;
  }
}

function assignFarmTasks(draft: Draft): void {
  const notes = new PatienceNotes(draft);
  if (draft.state.index.order.farm.lanes.size === 0) {
    notes.end(true);
    return;
  }
  const hasBeside = besideTasks(draft, null).next().done !== true;
  if (hasBeside) {
    const openings = besideOpenings(draft);
    assignTo(openings, draft, { tasks: besideTasks(draft, openings), roomRule: besideRoomOf, notes: null });
  }
  const openings = freeOpenings(draft);
  const { tasks, sawAll } = slotTasks(draft, openings);
  assignTo(openings, draft, { tasks, roomRule: roomOf, notes });
  if (openings.size > 0) notes.end(sawAll());
}

/** `notes`: null where a task that is not placed may still be placed otherwise. */
interface Round {
  readonly tasks: Iterable<TaskState>;
  readonly roomRule: RoomRule;
  readonly notes: PatienceNotes | null;
}

function assignTo(openings: Openings, draft: Draft, { tasks, roomRule, notes }: Round): void {
  if (openings.size === 0) return;
  const line = new OpeningLine(openings);
  // of tasks with the same needs the first one speaks for all
  const hopeless = new Set<string>();
  for (const task of tasks) {
    const needs = needsKey(task.plan);
    const isAlike = task.failedOn.length === 0 && task.avoid === undefined;
    if (isAlike && hopeless.has(needs)) continue;
    const node = takeNode(draft, task, line);
    if (node !== null && isLeftToFaster(draft, task, node)) return;
    if (node === null) {
      if (isAlike) hopeless.add(needs);
      if (notes !== null) noteWaiting(draft, task, { openings, notes });
      continue;
    }
    grantTo(draft, task, node.nodeId);
    notes?.placed(task.plan);
    reopen(draft, openings, { node, roomRule });
    const left = openings.get(node.nodeId);
    if (left !== undefined) line.put(left);
    if (openings.size === 0) return;
  }
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
    if (!onlyObstacles(obstacles, ['memory-now', 'disk-now', 'reserved'])) continue;
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
    'disk-now',
    'no-slot',
    'kind-cap',
  ]);
}

/** What needs no slot, up to the first job that has other work: later jobs shall not slow it down. */
function* besideTasks(draft: Draft, openings: Openings | null): Generator<TaskState, void, unknown> {
  for (const task of tasksInTurn(draft, offeringTo(draft, openings))) {
    if (!runsBeside(task.plan)) return;
    yield task;
  }
}

/** `sawAll`: asked after all were taken, whether no queued task was left out for its queue or its class. */
function slotTasks(draft: Draft, openings: Openings): { tasks: Iterable<TaskState>; sawAll: () => boolean } {
  const free = [...openings.values()].reduce((sum, { room }) => sum + room.slots, 0);
  const { reaches, ...offering } = offeringTo(draft, openings);
  const admits = meterQueues(draft, free);
  let sawAll = draft.state.gate.stopAfter === null;
  const seen = (isOffered: boolean): boolean => {
    sawAll &&= isOffered;
    return isOffered;
  };
  const tasks = tasksInOrder(draft, {
    ...offering,
    admits: (queue) => seen(admits(queue)),
    reaches: (jobId) => seen(reaches(jobId)),
  });
  return { tasks, sawAll: () => sawAll };
}

/** Queued tasks that one node could take besides what it has, in queue order. */
export function* tasksFor(draft: Draft, node: NodeRecord): Generator<TaskState, void, unknown> {
  const only: Openings = new Map([[node.nodeId, openingOf(draft, node, roomOf)]]);
  const offering = { ...offeringTo(draft, only), admits: meterQueues(draft, 1) };
  for (const task of tasksInTurn(draft, offering)) if (couldTake(draft, task, node)) yield task;
}

/** Farm tasks for these nodes; null: for any. */
const offeringTo = (draft: Draft, openings: Openings | null): Offering => ({
  place: 'farm',
  slots: () =>
    [...draft.state.nodes.values()].reduce((sum, node) => sum + (isClosed(draft.state, node) ? 0 : node.slots), 0),
  admits: admitAll,
  reaches: (jobId) =>
    spaceShortageOf(draft.state, jobId) === null && (openings === null || isReachable(draft, jobId, openings)),
});

/** Whether a free node is of a class that the job asks for at all; spares a walk through its chunks. */
function isReachable(draft: Draft, jobId: JobId, openings: Openings): boolean {
  const classes = draft.state.index.work.get(jobId)?.classes ?? new Set();
  if (classes.has(null)) return true;
  for (const { node } of openings.values()) {
    if (classes.has(node.toolchainClass) || node.hardwareClasses?.some((one) => classes.has(one))) return true;
  }
  return false;
}

/**
 * The freest node with nothing against it, of equally free ones the fastest; one that carries the tags asked for, and
 * that has not failed the task, if possible. It is out of the line then.
 */
function takeNode(draft: Draft, task: TaskState, line: OpeningLine): NodeRecord | null {
  const passedOver: Opening[] = [];
  let best: { readonly opening: Opening; readonly rank: number } | null = null;
  while (best?.rank !== 0) {
    const opening = line.take();
    if (opening === undefined) break;
    const rank = fits(ask(draft, task, opening)) ? rankOf(draft, task, opening.node) : null;
    if (rank === null || (best !== null && best.rank <= rank)) passedOver.push(opening);
    else {
      if (best !== null) passedOver.push(best.opening);
      best = { opening, rank };
    }
  }
  for (const opening of passedOver) line.put(opening);
  return best?.opening.node ?? null;
}

/** Lower is better; 0 where nothing at all speaks against the node. */
const rankOf = (draft: Draft, task: TaskState, node: NodeRecord): number =>
  2 * missingTags(task.plan, node).length + Number(isSuspect(draft.state, task, node));

/** How a grant differs from that of a queued task to a free slot. */
interface GrantKind {
  /** It waits at the node behind others. */
  readonly waiting?: true;
  /** A second copy of a task under way. */
  readonly backup?: true;
}

function grant(draft: Draft, task: TaskState, nodeId: NodeId | 'house', kind: GrantKind = {}): HeldLease {
  const { taskId } = task.plan;
  const attempt = task.attempts + 1;
  const expiresAt = nodeId === 'house' ? houseLeaseNeverExpires : draft.at + timing.leaseTtlMs;
  draft.emit({ type: 'lease-granted', v: 1, taskId, attempt, nodeId, expiresAt, ...kind });
  return { attempt, taskId };
}

/** Grants a task to a node and offers it there. */
export function grantTo(draft: Draft, task: TaskState, nodeId: NodeId, kind: GrantKind = {}): void {
  draft.effect({ type: 'offer-task', nodeId, ...grant(draft, task, nodeId, kind) });
}
