import { type ErrorData, FarmError, type NodeId, retryLimits, timing } from '@reelmill/protocol';
import { isClosed } from './closure.ts';
import type { Command, HeldLease } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import type { LossReason } from './event.ts';
import { failTask } from './jobs.ts';
import type { SchedulerState } from './model.ts';
import { isFree, lossDelayMs } from './retryPolicy.ts';
import { currentLease, taskOf } from './state.ts';
import { leasesOfTask, otherLease } from './taskLeases.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/**
 * Moves the clock. A jump (the machine slept, the process was stopped) is nobody's fault: every farm lease gets one
 * grace period, because no heartbeat could have been heard meanwhile.
 */
export function advanceClock(draft: Draft): void {
  const elapsedMs = draft.at - draft.state.clock;
  draft.emit({ type: 'clock-advanced', at: draft.at });
  if (elapsedMs <= timing.clockJumpMs) return;
  const expiresAt = draft.at + timing.leaseTtlMs;
  for (const [nodeId, leases] of draft.state.index.leases) {
    if (nodeId === 'house') continue;
    for (const [taskId, { attempt }] of leases) draft.emit({ type: 'lease-renewed', taskId, attempt, expiresAt });
  }
}

/** Renews the leases it names, as far as they are current; `revokedLeases` tells the node about the others. */
export function heartbeat(draft: Draft, command: CommandOf<'heartbeat'>): RejectionReason | null {
  const { nodeId, held, disk } = command;
  if (!draft.state.nodes.has(nodeId)) return 'unknown-node';
  draft.emit({ type: 'node-seen', nodeId, at: draft.at, ...(disk && { disk }) });
  renewHeld(draft, nodeId, held);
  return null;
}

export function renewHeld(draft: Draft, nodeId: NodeId, held: readonly HeldLease[]): void {
  const expiresAt = draft.at + timing.leaseTtlMs;
  for (const { taskId, attempt } of held) {
    const lease = currentLease(draft.state, { taskId, attempt, nodeId });
    if (lease !== undefined) draft.emit({ type: 'lease-renewed', taskId, attempt, expiresAt });
  }
}

/** Which of the leases a node names no longer count: it has to stop working on them. */
export function revokedLeases(state: SchedulerState, nodeId: NodeId, held: readonly HeldLease[]): HeldLease[] {
  return held.filter(({ taskId, attempt }) => currentLease(state, { taskId, attempt, nodeId }) === undefined);
}

/** Takes back the leases whose time is over and tells their nodes to stop. */
export function expireLeases(draft: Draft): void {
  draft.state.index.leases.forEach((leases) => {
    for (const [taskId, lease] of leases) {
      // A loss may have ended the job, and with it the other leases this walk still sees.
      if (lease.expiresAt > draft.at || currentLease(draft.state, { taskId, ...lease }) === undefined) continue;
      draft.stopAttempt(taskId, lease);
      loseLease(draft, { taskId, attempt: lease.attempt }, { reason: 'expired', error: null, avoidNode: true });
    }
  });
}

/** The encoder is done and the result on its way: the lease goes on, the slot is free. Said again, it is still on its way. */
export function freeSlot(draft: Draft, command: CommandOf<'free-slot'>): RejectionReason | null {
  const { taskId, attempt, nodeId } = command;
  if (currentLease(draft.state, { taskId, attempt, nodeId }) === undefined) return 'stale';
  draft.emit({ type: 'lease-delivering', taskId, attempt, at: draft.at });
  return null;
}

/** The node began to work on it: what waits there may be asked back, what runs may not. */
export function startTask(draft: Draft, command: CommandOf<'start-task'>): RejectionReason | null {
  const { taskId, attempt } = command;
  const lease = currentLease(draft.state, command);
  if (lease === undefined || lease.startedAt !== null) return 'stale';
  draft.emit({ type: 'lease-started', taskId, attempt, at: draft.at });
  return null;
}

/** The node gave it back unbegun: nothing was lost by that. */
export function returnTask(draft: Draft, command: CommandOf<'return-task'>): RejectionReason | null {
  if (currentLease(draft.state, command) === undefined) return 'stale';
  loseLease(draft, command, { reason: 'recalled', error: null, avoidNode: false });
  return null;
}

/** The node stopped these, or never began them, to free its machine: the tasks go elsewhere at once, nothing is charged. */
export function giveBack(draft: Draft, nodeId: NodeId, leases: readonly HeldLease[]): void {
  for (const { taskId, attempt } of leases) {
    if (currentLease(draft.state, { taskId, attempt, nodeId }) === undefined) continue;
    loseLease(draft, { taskId, attempt }, { reason: 'given-back', error: null, avoidNode: false });
  }
}

/**
 * The node did not take the offer (or did not answer it): the task goes elsewhere, nothing is charged. One that closed
 * while the offer was under way gives it back.
 */
export function refuseOffer(draft: Draft, command: CommandOf<'offer-refused'>): RejectionReason | null {
  const lease = currentLease(draft.state, command);
  if (lease === undefined) return 'stale';
  draft.stopAttempt(command.taskId, lease);
  const node = draft.state.nodes.get(command.nodeId);
  if (node !== undefined && isClosed(draft.state, node)) {
    giveBack(draft, command.nodeId, [command]);
    return null;
  }
  loseLease(draft, command, { reason: 'refused', error: command.error, avoidNode: true });
  return null;
}

export const tooManyLosses = (losses: number, { reason, error }: Pick<Loss, 'reason' | 'error'>): ErrorData => {
  const details = { losses, lastReason: reason, ...(error === null ? {} : { lastError: error }) };
  return new FarmError('TOO_MANY_LOSSES', { details }).toData();
};

export interface Loss {
  readonly reason: LossReason;
  readonly error: ErrorData | null;
  readonly avoidNode: boolean;
}

/**
 * Ends a lease without charging the task; the last of `lossCap` losses gives the job up, unless another copy of the
 * task goes on.
 */
export function loseLease(draft: Draft, { taskId, attempt }: HeldLease, loss: Loss): void {
  const task = taskOf(draft.state, taskId);
  const lease = leasesOfTask(task).find((one) => one.attempt === attempt);
  if (lease === undefined) return;
  const { nodeId } = lease;
  const losses = task.losses + 1;
  if (losses >= retryLimits.lossCap && !isFree(loss.reason) && otherLease(task, attempt) === undefined) {
    failTask(draft, { taskId, error: tooManyLosses(losses, loss) });
    return;
  }
  const notBefore = draft.at + lossDelayMs(task, loss);
  draft.emit({ type: 'lease-lost', v: 1, taskId, attempt, nodeId, ...loss, notBefore });
}
