import type { NodeId, TaskId } from '@reelmill/protocol';
import { grantTo, tasksFor } from './assign.ts';
import type { HeldLease } from './command.ts';
import type { Draft } from './draft.ts';
import { couldTake } from './eligibility.ts';
import { emptyWork } from './jobIndex.ts';
import type { Lease, NodeRecord, TaskPlan, TaskState } from './model.ts';
import { runsBeside } from './nodeLoad.ts';
import { freeSlots, takesWork, tasksAhead } from './nodes.ts';
import { type Openings, takeSlot } from './openings.ts';
import { queuedSuccessor } from './queueOrder.ts';
import { remainingSeconds } from './remaining.ts';
import { medianSpeed, speedOn } from './speed.ts';
import { leasesOf, taskOf } from './state.ts';

/**
 * A node takes at most its share of what is left, divided by this: batches shrink towards the end, to single tasks
 * (guided self-scheduling: Polychronopoulos and Kuck, IEEE Trans. Computers 36, 1987).
 */
const guide = 2;
/** Work that may wait at a node, per slot. More hides no more round trips and only holds up what comes later. */
const longestAheadSeconds = 10;

/**
 * Grants a busy node tasks ahead of time, so that a slot that ends one begins the next without asking. Chunks that
 * follow what the node has come first: neighbours share blocks of the source.
 */
export function batchAhead(draft: Draft, nodeId: NodeId): void {
  const node = draft.state.nodes.get(nodeId);
  const limit = node?.waitingOffers ?? 0;
  if (node === undefined || limit === 0 || !takesWork(draft, node) || freeSlots(draft.state, node) > 0) return;
  for (let waiting = tasksAhead(draft.state, node); waiting < limit; waiting += 1) {
    const task = nextAhead(draft, node);
    if (task === null || waiting >= wantedAhead(draft, node, task.plan)) return;
    grantTo(draft, task, nodeId, { waiting: true });
  }
}

function nextAhead(draft: Draft, node: NodeRecord): TaskState | null {
  for (const task of tasksFor(draft, node)) {
    if (runsBeside(task.plan)) continue;
    return successorOfHeld(draft, node, task) ?? task;
  }
  return null;
}

/** The chunk after the last one the node was given, if that is of the job whose turn it is. */
function successorOfHeld(draft: Draft, node: NodeRecord, turn: TaskState): TaskState | null {
  const held = [...leasesOf(draft.state, node.nodeId).keys()].map((taskId) => taskOf(draft.state, taskId));
  const last = held.findLast(({ plan }) => plan.jobId === turn.plan.jobId && plan.kind === turn.plan.kind);
  const queue = draft.state.index.work.get(turn.plan.jobId)?.queued.farm ?? [];
  const found = last && queuedSuccessor(queue, last.plan, (taskId) => taskOf(draft.state, taskId).plan);
  if (found === undefined) return null;
  const task = taskOf(draft.state, found);
  const ready = task.phase.kind === 'queued' && task.phase.notBefore <= draft.at;
  return ready && couldTake(draft, task, node) ? task : null;
}

/** Tasks like this one that should wait at the node; none where they are long, or where their speed is not known. */
function wantedAhead({ state }: Draft, node: NodeRecord, plan: TaskPlan): number {
  const [speed, farmSpeed] = [speedOn(state.speeds, plan, node.nodeId), medianSpeed(state.speeds, plan)];
  if (speed === null || farmSpeed === null) return 0;
  const queued = (state.index.work.get(plan.jobId) ?? emptyWork).queued.farm.length;
  let slots = 0;
  for (const one of state.nodes.values()) slots += one.slots;
  const shareSeconds = (queued * plan.costSeconds) / (farmSpeed * slots) / guide;
  const aheadSeconds = Math.min(longestAheadSeconds, shareSeconds);
  return Math.floor((node.slots * aheadSeconds * speed) / plan.costSeconds);
}

interface Waiting extends HeldLease {
  readonly nodeId: NodeId;
  readonly plan: TaskPlan;
  /** Seconds until it would be done where it waits. */
  readonly doneInSeconds: number;
}

/** Asks busy nodes for tasks back that an idle one would have done sooner. What has begun is never asked for. */
export function recallWaiting(draft: Draft, idle: Openings): void {
  const { speeds } = draft.state;
  for (const { nodeId, taskId, attempt, plan, doneInSeconds } of waitingTasksOfAll(draft)) {
    for (const { node } of idle.values()) {
      const speed = speedOn(speeds, plan, node.nodeId) ?? 1;
      const isSooner = plan.costSeconds / speed < doneInSeconds;
      if (!isSooner || !couldTake(draft, taskOf(draft.state, taskId), node)) continue;
      draft.emit({ type: 'lease-recalled', taskId, attempt });
      draft.effect({ type: 'recall-lease', nodeId, taskId, attempt });
      takeSlot(idle, node.nodeId);
      break;
    }
    if (idle.size === 0) return;
  }
}

/** Those that would be done last come first. */
function waitingTasksOfAll(draft: Draft): Waiting[] {
  const found: Waiting[] = [];
  for (const [nodeId, leases] of draft.state.index.leases) {
    const node = nodeId === 'house' ? undefined : draft.state.nodes.get(nodeId);
    if (node !== undefined) found.push(...waitingAt(draft, node, leases));
  }
  return found.sort((left, right) => right.doneInSeconds - left.doneInSeconds);
}

function waitingAt(draft: Draft, node: NodeRecord, leases: ReadonlyMap<TaskId, Lease>): Waiting[] {
  const { nodeId, slots } = node;
  const found: Waiting[] = [];
  let slotFreeInSeconds = Number.POSITIVE_INFINITY;
  let line = 0;
  for (const [taskId, lease] of leases) {
    const { plan } = taskOf(draft.state, taskId);
    if (lease.delivering || runsBeside(plan)) continue;
    const seconds = remainingSeconds(draft, plan, lease);
    if (lease.startedAt !== null) slotFreeInSeconds = Math.min(slotFreeInSeconds, seconds);
    else {
      const doneInSeconds = slotFreeInSeconds + (Math.floor(line / slots) + 1) * seconds;
      line += 1;
      if (!lease.recalled) found.push({ nodeId, taskId, attempt: lease.attempt, plan, doneInSeconds });
    }
  }
  return found;
}
