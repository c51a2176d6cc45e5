import { type JobId, type NodeId, timing } from '@reelmill/protocol';
import { isShunned, isSuspect } from './blame.ts';
import type { Draft } from './draft.ts';
import { isLeftToFaster } from './lastTasks.ts';
import type { HeldLease, NodeRecord, TaskState } from './model.ts';
import { runsBeside } from './nodeLoad.ts';
import { eligibleNodes, fitsClass, isSilent, roomBeside, takesWork } from './nodes.ts';
import { type Offering, tasksInOrder, tasksInTurn } from './offerOrder.ts';
import { admitAll, meterQueues } from './queueMeter.ts';
import { paceOf } from './speed.ts';
import { houseLeaseNeverExpires, leasesOf } from './state.ts';

/**
 * Hands queued tasks to free slots in the order of `offerOrder.ts`: what the first does not need goes to the next. Each
 * grant is a new attempt, counted now, so that even a crash consumes its number.
 */
export function assignTasks(draft: Draft): void {
  if (draft.state.gate.paused) return;
  assignHouseTasks(draft);
  assignFarmTasks(draft);
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

/** Room for work now, by node. */
export type Openings = Map<NodeId, { readonly node: NodeRecord; readonly pace: number; free: number }>;

function assignFarmTasks(draft: Draft): void {
  if (draft.state.index.order.farm.lanes.size === 0) return;
  const hasBeside = besideTasks(draft, null).next().done !== true;
  if (hasBeside) assignTo(roomBesideSlots(draft), draft, besideTasks);
  assignTo(freeOpenings(draft), draft, slotTasks);
}

/** Nodes with free slots. */
export function freeOpenings(draft: Draft): Openings {
  const found: Openings = new Map();
  for (const [nodeId, free] of draft.state.index.room) {
    const node = draft.state.nodes.get(nodeId);
    if (node !== undefined && takesWork(draft, node)) found.set(nodeId, openingOf(draft, node, free));
  }
  return found;
}

function roomBesideSlots(draft: Draft): Openings {
  const found: Openings = new Map();
  for (const node of draft.state.nodes.values()) {
    const free = takesWork(draft, node) ? roomBeside(draft.state, node) : 0;
    if (free > 0) found.set(node.nodeId, openingOf(draft, node, free));
  }
  return found;
}

const openingOf = ({ state }: Draft, node: NodeRecord, free: number) => ({
  node,
  free,
  pace: paceOf(state.speeds, node.nodeId),
});

function assignTo(
  openings: Openings,
  draft: Draft,
  tasksOf: (draft: Draft, openings: Openings) => Iterable<TaskState>,
): void {
  if (openings.size === 0) return;
  for (const task of tasksOf(draft, openings)) {
    const node = chooseNode(draft, task, openings);
    if (node !== null && isLeftToFaster(draft, task, node)) return;
    if (node !== null) {
      grantTo(draft, task, node.nodeId);
      takeSlot(openings, node.nodeId);
    }
    if (openings.size === 0) return;
  }
}

/** What needs no slot, up to the first job that has other work: later jobs shall not slow it down. */
function* besideTasks(draft: Draft, openings: Openings | null): Generator<TaskState, void, unknown> {
  for (const task of tasksInTurn(draft, offeringTo(draft, openings))) {
    if (!runsBeside(task.plan)) return;
    yield task;
  }
}

function slotTasks(draft: Draft, openings: Openings): Iterable<TaskState> {
  const free = [...openings.values()].reduce((sum, opening) => sum + opening.free, 0);
  return tasksInOrder(draft, { ...offeringTo(draft, openings), admits: meterQueues(draft, free) });
}

/** Queued tasks for one node, in queue order. */
export function* tasksFor(draft: Draft, node: NodeRecord): Generator<TaskState, void, unknown> {
  const only: Openings = new Map([[node.nodeId, openingOf(draft, node, 1)]]);
  const offering = { ...offeringTo(draft, only), admits: meterQueues(draft, 1) };
  for (const task of tasksInTurn(draft, offering)) if (fitsClass(task.plan, node)) yield task;
}

/** Farm tasks for these nodes; null: for any. */
const offeringTo = (draft: Draft, openings: Openings | null): Offering => ({
  place: 'farm',
  slots: () => [...draft.state.nodes.values()].reduce((sum, node) => sum + (node.draining ? 0 : node.slots), 0),
  admits: admitAll,
  reaches: (jobId) => openings === null || isReachable(draft, jobId, openings),
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
 * The freest node with nothing against it, of equally free ones the fastest. While such a node exists but is busy a task
 * that failed waits for it, else one bad node, always free, would burn the whole budget; where every node has failed it,
 * any may try again. A task that was only lost (an expired lease, a refused offer) does not wait.
 */
function chooseNode(draft: Draft, task: TaskState, openings: Openings): NodeRecord | null {
  let fresh: NodeRecord | null = null;
  let used: NodeRecord | null = null;
  for (const { node } of openings.values()) {
    if (!fitsClass(task.plan, node)) continue;
    if (isSuspect(draft.state, task, node)) used = freer(openings, used, node);
    else fresh = freer(openings, fresh, node);
  }
  if (fresh !== null || used === null) return fresh;
  if (task.failures === 0 && !isShunned(draft.state, task, used.nodeId)) return used;
  const others = eligibleNodes(draft.state, task.plan).some(
    (node) => !isSuspect(draft.state, task, node) && !isSilent(node, draft.at),
  );
  return others ? null : used;
}

function freer(openings: Openings, left: NodeRecord | null, right: NodeRecord): NodeRecord {
  const [known, other] = [left && openings.get(left.nodeId), openings.get(right.nodeId)];
  if (left === null || known == null || other === undefined) return right;
  if (other.free !== known.free) return other.free > known.free ? right : left;
  if (other.pace !== known.pace) return other.pace > known.pace ? right : left;
  return right.nodeId < left.nodeId ? right : left;
}

export function takeSlot(openings: Openings, nodeId: NodeId): void {
  const opening = openings.get(nodeId);
  if (opening === undefined) return;
  opening.free -= 1;
  if (opening.free <= 0) openings.delete(nodeId);
}

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
