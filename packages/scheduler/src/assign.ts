import { type JobId, type NodeId, type TaskId, timing } from '@reelmill/protocol';
import { isBlamed } from './blame.ts';
import type { Draft } from './draft.ts';
import type { NodeRecord, SchedulerState, TaskState } from './model.ts';
import { eligibleNodes, fitsClass, freeSlots, isSilent, roomBeside } from './nodes.ts';
import { type Offering, tasksInOrder, tasksInTurn } from './offerOrder.ts';
import { admitAll, meterQueues } from './queueMeter.ts';
import { runsBeside } from './runsBeside.ts';
import { houseLeaseNeverExpires, leasesOf } from './state.ts';
import { isQuarantined } from './trust.ts';

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
    const { attempt, taskId } = grant(draft, task, 'house');
    draft.effect({ type: 'run-house-task', taskId, attempt });
    free -= 1;
    if (free <= 0) return;
  }
}

/** Room for work now, by node. */
type Openings = Map<NodeId, { readonly node: NodeRecord; free: number }>;

function assignFarmTasks(draft: Draft): void {
  if (draft.state.index.order.farm.lanes.size === 0) return;
  assignTo(openings(draft, roomBeside), draft, besideTasks);
  assignTo(openings(draft, freeSlots), draft, slotTasks);
}

function openings(draft: Draft, room: (state: SchedulerState, node: NodeRecord) => number): Openings {
  const found: Openings = new Map();
  for (const node of draft.state.nodes.values()) {
    if (node.draining || isSilent(node, draft.at) || isQuarantined(draft.state, node.nodeId)) continue;
    const free = room(draft.state, node);
    if (free > 0) found.set(node.nodeId, { node, free });
  }
  return found;
}

function assignTo(
  openings: Openings,
  draft: Draft,
  tasksOf: (draft: Draft, openings: Openings) => Iterable<TaskState>,
): void {
  if (openings.size === 0) return;
  for (const task of tasksOf(draft, openings)) {
    const node = chooseNode(draft, task, openings);
    if (node !== null) {
      const { attempt, taskId } = grant(draft, task, node.nodeId);
      draft.effect({ type: 'offer-task', nodeId: node.nodeId, taskId, attempt });
      takeSlot(openings, node.nodeId);
    }
    if (openings.size === 0) return;
  }
}

/** What needs no slot, up to the first job that has other work: later jobs shall not slow it down. */
function* besideTasks(draft: Draft, openings: Openings): Generator<TaskState, void, unknown> {
  for (const task of tasksInTurn(draft, offeringTo(draft, openings))) {
    if (!runsBeside(task.plan)) return;
    yield task;
  }
}

function slotTasks(draft: Draft, openings: Openings): Iterable<TaskState> {
  const free = [...openings.values()].reduce((sum, opening) => sum + opening.free, 0);
  return tasksInOrder(draft, { ...offeringTo(draft, openings), admits: meterQueues(draft, free) });
}

const offeringTo = (draft: Draft, openings: Openings): Offering => ({
  place: 'farm',
  slots: () => [...draft.state.nodes.values()].reduce((sum, node) => sum + (node.draining ? 0 : node.slots), 0),
  admits: admitAll,
  reaches: (jobId) => isReachable(draft, jobId, openings),
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
 * The freest node with nothing against it. While such a node exists but is busy a task that failed waits for it, else
 * one bad node, always free, would burn the whole budget; where every node has failed it, any may try again. A task
 * that was only lost (an expired lease, a refused offer) does not wait.
 */
function chooseNode(draft: Draft, task: TaskState, openings: Openings): NodeRecord | null {
  let fresh: NodeRecord | null = null;
  let used: NodeRecord | null = null;
  for (const { node } of openings.values()) {
    if (!fitsClass(task.plan, node)) continue;
    if (isSuspect(draft, task, node)) used = freer(openings, used, node);
    else fresh = freer(openings, fresh, node);
  }
  if (fresh !== null || used === null) return fresh;
  if (task.failures === 0 && !isShunned(draft, task, used)) return used;
  const others = eligibleNodes(draft.state, task.plan).some(
    (node) => !isSuspect(draft, task, node) && !isSilent(node, draft.at),
  );
  return others ? null : used;
}

function isSuspect(draft: Draft, task: TaskState, { nodeId }: NodeRecord): boolean {
  return task.failedOn.includes(nodeId) || isShunned(draft, task, { nodeId });
}

/** Asked only while nobody else is there: by the blocklist of its job, or because a retry by hand said so. */
function isShunned(draft: Draft, task: TaskState, { nodeId }: Pick<NodeRecord, 'nodeId'>): boolean {
  return task.avoid?.includes(nodeId) === true || isBlamed(draft.state, task.plan, nodeId);
}

function freer(openings: Openings, left: NodeRecord | null, right: NodeRecord): NodeRecord {
  if (left === null) return right;
  const difference = (openings.get(right.nodeId)?.free ?? 0) - (openings.get(left.nodeId)?.free ?? 0);
  if (difference !== 0) return difference > 0 ? right : left;
  return right.nodeId < left.nodeId ? right : left;
}

function takeSlot(openings: Openings, nodeId: NodeId): void {
  const opening = openings.get(nodeId);
  if (opening === undefined) return;
  opening.free -= 1;
  if (opening.free <= 0) openings.delete(nodeId);
}

function grant(draft: Draft, task: TaskState, nodeId: NodeId | 'house'): { attempt: number; taskId: TaskId } {
  const { taskId } = task.plan;
  const attempt = task.attempts + 1;
  const expiresAt = nodeId === 'house' ? houseLeaseNeverExpires : draft.at + timing.leaseTtlMs;
  draft.emit({ type: 'lease-granted', v: 1, taskId, attempt, nodeId, expiresAt });
  return { attempt, taskId };
}
