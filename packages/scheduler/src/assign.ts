import { type JobId, type NodeId, timing } from '@reelmill/protocol';
import { isShunned, isSuspect } from './blame.ts';
import type { Draft } from './draft.ts';
import { emptyWork } from './jobIndex.ts';
import { isLeftToFaster } from './lastTasks.ts';
import type { HeldLease, NodeRecord, TaskState } from './model.ts';
import { runsBeside } from './nodeLoad.ts';
import { eligibleNodes, fitsClass, isSilent, roomBeside, takesWork } from './nodes.ts';
import { dispatchOrder } from './queueOrder.ts';
import { paceOf } from './speed.ts';
import { houseLeaseNeverExpires, leasesOf, taskOf } from './state.ts';

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
    draft.effect({ type: 'run-house-task', ...grant(draft, task, 'house') });
    free -= 1;
  }
}

/** Room for work now, by node. */
export type Openings = Map<NodeId, { readonly node: NodeRecord; readonly pace: number; free: number }>;

function assignFarmTasks(draft: Draft): void {
  const jobs = draft.state.index.jobsQueued.farm;
  if (jobs.length === 0) return;
  const hasBeside = besideTasks(jobs, draft).next().done !== true;
  if (hasBeside) assignTo(roomBesideSlots(draft), draft, besideTasks);
  assignTo(freeOpenings(draft), draft, (reachable) => queuedTasks(draft, reachable, 'farm'));
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
  tasksOf: (jobs: Iterable<JobId>, draft: Draft) => Iterable<TaskState>,
): void {
  if (openings.size === 0) return;
  for (const task of tasksOf(reachableJobs(draft, openings), draft)) {
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
function* besideTasks(jobs: Iterable<JobId>, draft: Draft): Generator<TaskState, void, unknown> {
  for (const jobId of jobs) {
    for (const task of queuedTasks(draft, [jobId], 'farm')) {
      if (!runsBeside(task.plan)) return;
      yield task;
    }
  }
}

/** Queued tasks for one node, in queue order. */
export function* tasksFor(draft: Draft, node: NodeRecord): Generator<TaskState, void, unknown> {
  const only: Openings = new Map([[node.nodeId, openingOf(draft, node, 1)]]);
  const jobs = reachableJobs(draft, only);
  for (const task of queuedTasks(draft, jobs, 'farm')) if (fitsClass(task.plan, node)) yield task;
}

/** In queue order, those that ask for a class of these nodes. */
function* reachableJobs(draft: Draft, openings: Openings): Generator<JobId, void, unknown> {
  for (const jobId of draft.state.index.jobsQueued.farm) if (isReachable(draft, jobId, openings)) yield jobId;
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
  jobs: Iterable<JobId>,
  place: 'farm' | 'house',
): Generator<TaskState, void, unknown> {
  for (const jobId of jobs) {
    const { queued, chunks } = draft.state.index.work.get(jobId) ?? emptyWork;
    for (const taskId of dispatchOrder(queued[place], chunks, (one) => taskOf(draft.state, one).plan)) {
      const task = taskOf(draft.state, taskId);
      if (task.phase.kind === 'queued' && task.phase.notBefore <= draft.at) yield task;
    }
  }
}

/**
 * The freest node with nothing against it, of equally free ones the fastest. While such a node exists but is busy a task that failed waits for it, else
 * one bad node, always free, would burn the whole budget; where every node has failed it, any may try again. A task
 * that was only lost (an expired lease, a refused offer) does not wait.
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
