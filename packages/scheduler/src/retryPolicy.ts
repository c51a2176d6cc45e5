import { type ErrorData, errorTable, retryLimits } from '@reelmill/protocol';
import type { LossReason, TaskState } from './model.ts';

/** What becomes of a task whose attempt ended with an error. */
export type FailureVerdict =
  /** Not the task's fault: tried again, not charged (capped as losses are). */
  | { readonly kind: 'loss'; readonly avoidNode: boolean }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'dead' };

interface Backoff {
  readonly first: number;
  readonly factor: number;
  readonly max: number;
}

const backoffMs = (count: number, { first, factor, max }: Backoff): number =>
  Math.min(max, first * factor ** Math.max(0, count - 1));

/**
 * Decision 16. `othersLeft`: another node could still try it. A stop of the agent (or coordinator) itself is not
 * the task's own outcome, and a full disk of one node among others not the end of the job, whatever the table says.
 */
export function judgeFailure(task: TaskState, error: ErrorData, othersLeft: boolean): FailureVerdict {
  const { retry, severity } = errorTable[error.code];
  if (error.code === 'CANCELED' || error.code === 'INTERRUPTED') return { kind: 'loss', avoidNode: false };
  const elsewhere = error.code === 'DISK_FULL' && task.plan.place === 'farm' && othersLeft;
  if (retry === 'never' && !elsewhere) return { kind: 'dead' };
  if (severity === 'infrastructure') return { kind: 'loss', avoidNode: retry === 'other-node' };
  const failures = task.failures + 1;
  if (failures >= retryLimits.failureBudget) return { kind: 'dead' };
  return { kind: 'retry', delayMs: backoffMs(failures, retryLimits.failureBackoffMs) };
}

/** Wait before the next attempt: none after a first death (another node takes it at once), else growing. */
export function lossDelayMs(losses: number, reason: LossReason): number {
  const ownedUp = reason === 'refused' || reason === 'infrastructure';
  if (!ownedUp && losses === 1) return 0;
  return backoffMs(ownedUp ? losses : losses - 1, retryLimits.lossBackoffMs);
}
