import { type JobId, timing } from '@reelmill/protocol';
import { grantTo } from './assign.ts';
import type { Draft } from './draft.ts';
import { couldTake } from './eligibility.ts';
import { emptyWork } from './jobIndex.ts';
import { recallWaiting } from './leaseBatching.ts';
import type { Lease, NodeRecord, TaskPlan, TaskState } from './model.ts';
import { mayStart } from './offerOrder.ts';
import { freeOpenings, type Openings, takeSlot } from './openings.ts';
import { meterQueues } from './queueMeter.ts';
import { remainingSeconds } from './remaining.ts';
import { medianSpeed, speedOn } from './speed.ts';
import { jobOf, taskOf } from './state.ts';

/** reliability.md P8: all backup copies of a job together cost at most this share of its chunks. */
export const backupShare = 0.3;
/** Fault matrix "slow node": late is what runs this many times as long as the median node would need … */
const lateFactor = 1.5;
/** … and this much longer than it: short chunks vary by more than a copy could save. */
const leastLateSeconds = 1;
/** A result that did not get on for so long is stuck: as long as a silent node keeps its lease. */
const stuckAfterMs = timing.leaseTtlMs;
/** … and only the last ones are worth a second copy. */
const lastShare = 0.1;

/** What slots do that have nothing queued: first work that waits elsewhere, then copies of work that is late. */
export function useIdleSlots(draft: Draft): void {
  // nothing is under way that could be asked back or be late
  const { leases } = draft.state.index;
  if (leases.size === Number(leases.has('house'))) return;
  const idle = freeOpenings(draft);
  if (idle.size > 0) recallWaiting(draft, idle);
  if (idle.size > 0) speculate(draft, idle);
}

/**
 * Second copies of the last slow chunks of a job, on nodes that should be done sooner. The first result that passes
 * its checks counts; the other copy is stopped, and its result refused by the fence.
 */
function speculate(draft: Draft, idle: Openings): void {
  const admits = meterQueues(
    draft,
    [...idle.values()].reduce((sum, { room }) => sum + room.slots, 0),
  );
  for (const late of lateTasks(draft)) {
    const { plan } = late.task;
    if (!isAffordable(draft, plan) || !admits(jobOf(draft.state, plan.jobId).order.queue)) continue;
    const node = soonerNode(draft, late, idle);
    if (node === null) continue;
    grantTo(draft, late.task, node.nodeId, { backup: true });
    takeSlot(idle, node.nodeId);
    if (idle.size === 0) return;
  }
}

interface Late {
  readonly task: TaskState;
  readonly lease: Lease;
  readonly remainingSeconds: number;
}

/** Those with most left to do come first. */
function lateTasks(draft: Draft): Late[] {
  const late: Late[] = [];
  for (const [jobId, tasks] of runningChunks(draft)) {
    if (draft.state.jobs.get(jobId)?.order.held === true || !mayStart(draft, jobId)) continue;
    const { chunks, queued } = draft.state.index.work.get(jobId) ?? emptyWork;
    if (queued.farm.length > 0 || tasks.length > Math.ceil(lastShare * chunks)) continue;
    for (const task of tasks) {
      const found = lateness(draft, task);
      if (found !== null) late.push(found);
    }
  }
  return late.sort((left, right) => right.remainingSeconds - left.remainingSeconds);
}

function runningChunks({ state }: Draft): Map<JobId, TaskState[]> {
  const running = new Map<JobId, TaskState[]>();
  for (const [holder, leases] of state.index.leases) {
    if (holder === 'house') continue;
    for (const [taskId, { attempt }] of leases) {
      const task = taskOf(state, taskId);
      const isCounted = task.phase.kind === 'leased' && task.phase.lease.attempt === attempt;
      if (task.plan.chunkIndex === null || !isCounted) continue;
      const known = running.get(task.plan.jobId);
      if (known === undefined) running.set(task.plan.jobId, [task]);
      else known.push(task);
    }
  }
  return running;
}

/** A task that failed by itself gets no copies: it is not its node that is slow. */
function lateness(draft: Draft, task: TaskState): Late | null {
  if (task.phase.kind !== 'leased' || task.phase.backup !== null || task.failures > 0) return null;
  const { lease } = task.phase;
  const { startedAt, nodeId } = lease;
  if (startedAt === null || nodeId === 'house') return null;
  const elapsedSeconds = (draft.at - startedAt) / 1000;
  // nobody knows when a store will answer: it may take as long again
  if (lease.delivering) return isStuck(draft, lease) ? { task, lease, remainingSeconds: elapsedSeconds } : null;
  const usual = medianSpeed(draft.state.speeds, task.plan);
  if (usual === null) return null;
  const usualSeconds = task.plan.costSeconds / usual;
  const isLate = elapsedSeconds > lateFactor * usualSeconds && elapsedSeconds >= usualSeconds + leastLateSeconds;
  if (!isLate) return null;
  return { task, lease, remainingSeconds: remainingSeconds(draft, task.plan, lease) };
}

/** Whether its encoder is done and its result does not arrive: a slow line that moves is not stuck. */
const isStuck = ({ at }: Draft, { delivering, movedAt }: Lease): boolean =>
  delivering && movedAt !== null && at - movedAt >= stuckAfterMs;

function isAffordable({ state }: Draft, { jobId, costSeconds }: TaskPlan): boolean {
  const { backupSeconds, chunkSeconds } = state.index.work.get(jobId) ?? emptyWork;
  return backupSeconds + costSeconds <= backupShare * chunkSeconds;
}

/** The idle node that should be done first, if that is before the holder. */
function soonerNode(draft: Draft, late: Late, idle: Openings): NodeRecord | null {
  const { task, lease } = late;
  let best: NodeRecord | null = null;
  let soonest = late.remainingSeconds;
  for (const { node } of idle.values()) {
    if (node.nodeId === lease.nodeId || !couldTake(draft, task, node)) continue;
    const speed = speedOn(draft.state.speeds, task.plan, node.nodeId) ?? 1;
    const seconds = task.plan.costSeconds / speed;
    if (seconds >= soonest) continue;
    best = node;
    soonest = seconds;
  }
  return best;
}
