import type { ErrorCode, NodeId, TaskId } from '@reelmill/protocol';
import { blame } from './blame.ts';
import { putTask } from './jobIndex.ts';
import type { DurableEvent, Lease, SchedulerEvent, SchedulerState, TaskState } from './model.ts';
import { leaseOf, taskOf } from './state.ts';
import { convict, isBadResult } from './trust.ts';

type EventOf<T extends SchedulerEvent['type']> = Extract<SchedulerEvent, { type: T }>;
type DurableOf<T extends DurableEvent['type']> = Extract<DurableEvent, { type: T }>;

export function grant(state: SchedulerState, event: DurableOf<'lease-granted'>): SchedulerState {
  const { attempt, nodeId, expiresAt } = event;
  const task = taskOf(state, event.taskId);
  const lease: Lease = { attempt, nodeId, expiresAt, delivering: false };
  return putTask(state, event.taskId, { ...task, attempts: attempt, phase: { kind: 'leased', lease } });
}

export function lose(state: SchedulerState, event: DurableOf<'lease-lost'>): SchedulerState {
  const task = taskOf(state, event.taskId);
  return putTask(state, event.taskId, {
    ...task,
    losses: task.losses + 1,
    failedOn: event.avoidNode ? withNode(task.failedOn, event.nodeId) : task.failedOn,
    phase: { kind: 'queued', notBefore: event.notBefore },
  });
}

export function softFail(state: SchedulerState, event: DurableOf<'task-soft-failed'>): SchedulerState {
  const task = taskOf(state, event.taskId);
  const blamed = blame(state, task.plan, { nodeId: event.nodeId, failed: true });
  return putTask(blamed, event.taskId, {
    ...task,
    failures: task.failures + 1,
    failedOn: withNode(task.failedOn, event.nodeId),
    ...badResult(task, event.nodeId, event.error.code),
    phase: { kind: 'queued', notBefore: event.notBefore },
  });
}

export function fail(state: SchedulerState, event: DurableOf<'task-failed'>): SchedulerState {
  const task = taskOf(state, event.taskId);
  const lostOnce = event.error.code === 'TOO_MANY_LOSSES' ? 1 : 0;
  const next = putTask(state, event.taskId, {
    ...task,
    losses: task.losses + lostOnce,
    failures: task.failures + 1 - lostOnce,
    phase: { kind: 'failed', error: event.error },
  });
  return task.phase.kind === 'completed' ? blockDependents(next, event.taskId) : next;
}

export function complete(state: SchedulerState, event: DurableOf<'task-completed'>): SchedulerState {
  const { attempt, result } = event;
  const task = taskOf(state, event.taskId);
  const cleared = blame(state, task.plan, { nodeId: result.nodeId, failed: false });
  const judged = convict(cleared, task, result.nodeId);
  let next = putTask(judged, event.taskId, { ...task, phase: { kind: 'completed', attempt, result } });
  for (const dependent of dependentsOf(next, event.taskId)) {
    const openDependencies = dependent.openDependencies - 1;
    const free = openDependencies === 0 && dependent.phase.kind === 'blocked';
    const phase: TaskState['phase'] = free ? { kind: 'queued', notBefore: 0 } : dependent.phase;
    next = putTask(next, dependent.plan.taskId, { ...dependent, openDependencies, phase });
  }
  return next;
}

/** The result no longer counts; whatever was built on it, finished or under way, waits again. */
export function reopen(state: SchedulerState, event: DurableOf<'task-reopened'>): SchedulerState {
  const task = taskOf(state, event.taskId);
  const maker = task.phase.kind === 'completed' ? task.phase.result.nodeId : 'house';
  const next = putTask(state, event.taskId, {
    ...task,
    failures: task.failures + Number(event.charged),
    losses: task.losses + Number(event.lost === true),
    failedOn: withNode(task.failedOn, maker),
    ...badResult(task, maker, event.error.code),
    phase: { kind: 'queued', notBefore: event.notBefore },
  });
  return blockDependents(next, event.taskId);
}

function blockDependents(state: SchedulerState, taskId: TaskId): SchedulerState {
  let next = state;
  for (const dependent of dependentsOf(state, taskId)) {
    const current = taskOf(next, dependent.plan.taskId);
    const wasCompleted = current.phase.kind === 'completed';
    const openDependencies = current.openDependencies + 1;
    next = putTask(next, current.plan.taskId, { ...current, openDependencies, phase: { kind: 'blocked' } });
    if (wasCompleted) next = blockDependents(next, current.plan.taskId);
  }
  return next;
}

export function renew(state: SchedulerState, event: EventOf<'lease-renewed'>): SchedulerState {
  const current = leaseOf(state.tasks.get(event.taskId))?.expiresAt ?? event.expiresAt;
  return patchLease(state, event, { expiresAt: Math.max(current, event.expiresAt) });
}

export function markDelivering(state: SchedulerState, event: EventOf<'lease-delivering'>): SchedulerState {
  return patchLease(state, event, { delivering: true });
}

function patchLease(
  state: SchedulerState,
  key: { readonly taskId: TaskId; readonly attempt: number },
  fields: Partial<Lease>,
): SchedulerState {
  const task = state.tasks.get(key.taskId);
  const lease = leaseOf(task);
  if (task === undefined || lease === undefined || lease.attempt !== key.attempt) return state;
  return putTask(state, key.taskId, { ...task, phase: { kind: 'leased', lease: { ...lease, ...fields } } });
}

/** Tasks that wait for this one, in the order of the plan. */
export function dependentsOf(state: SchedulerState, taskId: TaskId): TaskState[] {
  const { jobId } = taskOf(state, taskId).plan;
  return (state.index.work.get(jobId)?.dependents.get(taskId) ?? []).map((dependent) => taskOf(state, dependent));
}

function badResult(task: TaskState, nodeId: NodeId | 'house', code: ErrorCode): Pick<TaskState, 'badResultsOf'> {
  return isBadResult(code) && nodeId !== 'house' ? { badResultsOf: withNode(task.badResultsOf ?? [], nodeId) } : {};
}

function withNode(nodes: readonly NodeId[], nodeId: NodeId | 'house'): readonly NodeId[] {
  return nodeId === 'house' || nodes.includes(nodeId) ? nodes : [...nodes, nodeId];
}
