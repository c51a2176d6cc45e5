import { type ErrorData, FarmError, type NodeId, retryLimits, type TaskId, timing } from '@reelmill/protocol';
import type { Draft, RejectionReason } from './draft.ts';
import { failTask } from './jobs.ts';
import type { Command, HeldLease, LossReason, SchedulerState } from './model.ts';
import { lossDelayMs } from './retryPolicy.ts';
import { currentLease, leaseOf, taskOf } from './state.ts';

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
  const { nodeId, held } = command;
  if (!draft.state.nodes.has(nodeId)) return 'unknown-node';
  draft.emit({ type: 'node-seen', nodeId, at: draft.at });
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
      loseLease(draft, taskId, { reason: 'expired', error: null, avoidNode: true });
    }
  });
}

/** The encoder is done and the result on its way: the lease goes on, the slot is free. */
export function freeSlot(draft: Draft, command: CommandOf<'free-slot'>): RejectionReason | null {
  const { taskId, attempt, nodeId } = command;
  if (currentLease(draft.state, { taskId, attempt, nodeId }) === undefined) return 'stale';
  draft.emit({ type: 'lease-delivering', taskId, attempt });
  return null;
}

/** The node did not take the offer (or did not answer it): the task goes elsewhere, nothing is charged. */
export function refuseOffer(draft: Draft, command: CommandOf<'offer-refused'>): RejectionReason | null {
  const lease = currentLease(draft.state, command);
  if (lease === undefined) return 'stale';
  draft.stopAttempt(command.taskId, lease);
  loseLease(draft, command.taskId, { reason: 'refused', error: command.error, avoidNode: true });
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

/** Ends the current lease without charging the task; the last of `lossCap` losses gives the job up. */
export function loseLease(draft: Draft, taskId: TaskId, loss: Loss): void {
  const task = taskOf(draft.state, taskId);
  const lease = leaseOf(task);
  if (lease === undefined) return;
  const losses = task.losses + 1;
  const { attempt, nodeId } = lease;
  if (losses >= retryLimits.lossCap) {
    failTask(draft, taskId, tooManyLosses(losses, loss));
    return;
  }
  const notBefore = draft.at + lossDelayMs(task, loss);
  draft.emit({ type: 'lease-lost', v: 1, taskId, attempt, nodeId, ...loss, notBefore });
}
