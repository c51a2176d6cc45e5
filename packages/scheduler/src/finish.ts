import { type ErrorData, errorTable, retryLimits, type TaskId } from '@reelmill/protocol';
import type { Command } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import { eligibleNodes } from './eligibility.ts';
import { dependentsOf } from './evolveTask.ts';
import { endJobWhenDone, failTask } from './jobs.ts';
import { loseLease, tooManyLosses } from './leases.ts';
import type { Lease } from './model.ts';
import { quarantineConvicted } from './quarantine.ts';
import { judgeFailure } from './retryPolicy.ts';
import { currentLease, jobOf, taskOf } from './state.ts';
import { leasesOfTask, otherLease } from './taskLeases.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** Takes the result of the current attempt and of no other: the fence. A repeated message is a `duplicate`. */
export function finishTask(draft: Draft, command: CommandOf<'finish-task'>): RejectionReason | null {
  const { taskId, outcome } = command;
  const task = draft.state.tasks.get(taskId);
  if (task === undefined) return 'unknown-task';
  const lease = currentLease(draft.state, command);
  if (lease === undefined) {
    const { phase } = task;
    const repeated = phase.kind === 'completed' && phase.attempt === command.attempt;
    return repeated && phase.result.nodeId === command.nodeId ? 'duplicate' : 'stale';
  }
  if (outcome.kind === 'failed') {
    failAttempt(draft, { taskId, lease, error: outcome.error });
    return null;
  }
  const result = { ...outcome.result, nodeId: command.nodeId };
  const late = otherLease(task, lease.attempt);
  if (late !== undefined) draft.stopAttempt(taskId, late);
  draft.emit({ type: 'task-completed', v: 1, taskId, attempt: lease.attempt, result });
  quarantineConvicted(draft);
  endJobWhenDone(draft, task.plan.jobId);
  return null;
}

function failAttempt(
  draft: Draft,
  failed: { readonly taskId: TaskId; readonly lease: Lease; readonly error: ErrorData },
): void {
  const { taskId, error } = failed;
  const { attempt, nodeId } = failed.lease;
  const task = taskOf(draft.state, taskId);
  const othersLeft = eligibleNodes(draft.state, draft.at, task.plan).some(
    (node) => node.nodeId !== nodeId && !task.failedOn.includes(node.nodeId),
  );
  // While another copy runs, the budget does not end the task: that copy may still do it.
  const isLast = otherLease(task, attempt) === undefined;
  const { waitsForSpace } = draft.limits;
  const verdict = judgeFailure(isLast ? task : { ...task, failures: 0 }, error, { othersLeft, waitsForSpace });
  if (verdict.kind === 'dead') failTask(draft, { taskId, nodeId, error });
  else if (verdict.kind === 'loss') {
    loseLease(draft, { taskId, attempt }, { reason: 'infrastructure', error, avoidNode: verdict.avoidNode });
  } else {
    const notBefore = draft.at + verdict.delayMs;
    draft.emit({ type: 'task-soft-failed', v: 1, taskId, attempt, nodeId, error, notBefore });
  }
}

/**
 * A committed result proved bad: it is made again, and everything built on it waits or is stopped. Charged like a
 * failed attempt, so that a node producing garbage for ever ends in a failed job; what the store spoiled is a loss.
 */
export function reopenTask(draft: Draft, command: CommandOf<'reopen-task'>): RejectionReason | null {
  const { taskId, attempt, error } = command;
  const task = draft.state.tasks.get(taskId);
  if (task === undefined) return 'unknown-task';
  if (jobOf(draft.state, task.plan.jobId).phase.kind !== 'active') return 'job-state';
  if (task.phase.kind !== 'completed' || task.phase.attempt !== attempt) return 'stale';
  stopDependents(draft, taskId);
  const lost = errorTable[error.code].severity === 'infrastructure';
  const isLast = lost ? task.losses + 1 >= retryLimits.lossCap : task.failures + 1 >= retryLimits.failureBudget;
  if (isLast) {
    if (lost) failTask(draft, { taskId, error: tooManyLosses(task.losses + 1, { reason: 'infrastructure', error }) });
    else failTask(draft, { taskId, nodeId: task.phase.result.nodeId, error });
    return null;
  }
  const charge = lost ? { charged: false, lost } : { charged: true };
  draft.emit({ type: 'task-reopened', v: 1, taskId, attempt, error, ...charge, notBefore: draft.at });
  return null;
}

function stopDependents(draft: Draft, taskId: TaskId): void {
  for (const dependent of dependentsOf(draft.state, taskId)) {
    const { plan, phase } = dependent;
    for (const lease of leasesOfTask(dependent)) draft.stopAttempt(plan.taskId, lease);
    if (phase.kind === 'completed') stopDependents(draft, plan.taskId);
  }
}
