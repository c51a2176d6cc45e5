import { type ErrorCode, type ErrorData, errorTable, retryLimits } from '@reelmill/protocol';
import type { LossReason } from './event.ts';
import type { TaskState } from './model.ts';

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

const backoffOf = (code: ErrorCode | undefined, usual: Backoff): Backoff =>
  (code === undefined ? undefined : retryLimits.backoffMsByCode[code]) ?? usual;

/**
 * Half to whole of the delay, by task and attempt alone: tasks that failed together do not come back together, and a
 * replay decides the same. FNV-1a (public domain), finished with the mixing step of murmur3.
 */
export function jitteredMs(
  delayMs: number,
  { plan: { taskId }, attempts }: Pick<TaskState, 'plan' | 'attempts'>,
): number {
  let hash = 0x811c9dc5;
  for (const character of `${taskId}#${attempts}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const fraction = ((hash ^ (hash >>> 13)) >>> 0) / 0x1_0000_0000;
  return Math.round(delayMs * (0.5 + fraction / 2));
}

/**
 * Decision 16. `othersLeft`: another node could still try it. `waitsForSpace`: room on full disks is waited for. A stop of the agent (or coordinator) itself is not
 * the task's own outcome, and a full disk of one node among others not the end of the job, whatever the table says.
 */
export function judgeFailure(
  task: TaskState,
  error: ErrorData,
  { othersLeft, waitsForSpace = false }: { readonly othersLeft: boolean; readonly waitsForSpace?: boolean },
): FailureVerdict {
  const { retry, severity } = errorTable[error.code];
  if (error.code === 'CANCELED' || error.code === 'INTERRUPTED') return { kind: 'loss', avoidNode: false };
  const isFull = error.code === 'DISK_FULL' && task.plan.place === 'farm';
  if (isFull && (othersLeft || waitsForSpace)) return { kind: 'loss', avoidNode: othersLeft };
  if (retry === 'never') return { kind: 'dead' };
  if (severity === 'infrastructure') return { kind: 'loss', avoidNode: retry === 'other-node' };
  const failures = task.failures + 1;
  if (failures >= retryLimits.failureBudget) return { kind: 'dead' };
  const delayMs = backoffMs(failures, backoffOf(error.code, retryLimits.failureBackoffMs));
  return { kind: 'retry', delayMs: jitteredMs(delayMs, task) };
}

/** Its node gave it back in good order: no loss is counted, and nothing is waited for. */
export const isFree = (reason: LossReason): boolean => reason === 'recalled' || reason === 'given-back';

/** Wait before the next attempt of this task: none after a first death (another node takes it at once), else growing. */
export function lossDelayMs(
  task: TaskState,
  { reason, error }: { readonly reason: LossReason; readonly error: ErrorData | null },
): number {
  if (isFree(reason)) return 0;
  const ownedUp = reason === 'refused' || reason === 'infrastructure';
  const losses = task.losses + 1;
  if (!ownedUp && losses === 1) return 0;
  const delayMs = backoffMs(ownedUp ? losses : losses - 1, backoffOf(error?.code, retryLimits.lossBackoffMs));
  return jitteredMs(delayMs, task);
}
