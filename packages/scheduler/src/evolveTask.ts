import type { ErrorCode, NodeId, TaskId } from '@reelmill/protocol';
import { blame } from './blame.ts';
import type { DurableEvent, SchedulerEvent } from './event.ts';
import { noteGrant } from './evolveOrder.ts';
import { emptyWork, putTask } from './jobIndex.ts';
import type { Lease, SchedulerState, TaskPhase, TaskPlan, TaskState } from './model.ts';
import { isFree } from './retryPolicy.ts';
import { measured } from './speed.ts';
import { leaseOf, taskOf } from './state.ts';
import { leasesOfTask, phaseWithout, withLeases } from './taskLeases.ts';
import { convict, isBadResult } from './trust.ts';

type EventOf<T extends SchedulerEvent['type']> = Extract<SchedulerEvent, { type: T }>;
type DurableOf<T extends DurableEvent['type']> = Extract<DurableEvent, { type: T }>;

export function grant(state: SchedulerState, event: DurableOf<'lease-granted'>): SchedulerState {
  const { attempt, nodeId, expiresAt, taskId } = event;
  const task = taskOf(state, taskId);
  const startedAt = event.waiting === true ? null : state.clock;
  const granted: Lease = { attempt, nodeId, expiresAt, startedAt, delivering: false, movedAt: null, recalled: false };
  const first = event.backup === true ? leaseOf(task) : undefined;
  const phase: TaskPhase = { kind: 'leased', lease: first ?? granted, backup: first === undefined ? null : granted };
  const charged = noteGrant(state, task.plan);
  const counted = first === undefined ? charged : countBackup(charged, task.plan);
  return putTask(counted, taskId, { ...task, attempts: attempt, phase });
}

function countBackup(state: SchedulerState, { jobId, costSeconds }: TaskPlan): SchedulerState {
  const work = state.index.work.get(jobId) ?? emptyWork;
  const counted = { ...work, backupSeconds: work.backupSeconds + costSeconds };
  return { ...state, index: { ...state.index, work: state.index.work.set(jobId, counted) } };
}

export function lose(state: SchedulerState, event: DurableOf<'lease-lost'>): SchedulerState {
  const task = taskOf(state, event.taskId);
  return putTask(state, event.taskId, {
    ...task,
    losses: task.losses + (isFree(event.reason) ? 0 : 1),
    failedOn: event.avoidNode ? withNode(task.failedOn, event.nodeId) : task.failedOn,
    phase: phaseWithout(task, event.attempt, event.notBefore),
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
    phase: phaseWithout(task, event.attempt, event.notBefore),
  });
}

export function fail(state: SchedulerState, event: DurableOf<'task-failed'>): SchedulerState {
  const task = taskOf(state, event.taskId);
  const lostOnce = event.error.code === 'TOO_MANY_LOSSES' ? 1 : 0;
  const next = putTask(state, event.taskId, {
    ...task,
    losses: task.losses + lostOnce,
    failures: task.failures + 1 - lostOnce,
    failedOn: event.nodeId === undefined ? task.failedOn : withNode(task.failedOn, event.nodeId),
    phase: { kind: 'failed', error: event.error },
  });
  return task.phase.kind === 'completed' ? blockDependents(next, event.taskId) : next;
}

export function complete(state: SchedulerState, event: DurableOf<'task-completed'>): SchedulerState {
  const { attempt, result } = event;
  const task = taskOf(state, event.taskId);
  const speeds = measured(state.speeds, task.plan, result);
  const cleared = blame({ ...state, speeds }, task.plan, { nodeId: result.nodeId, failed: false });
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
  return patchLease(state, event, (lease) => ({ expiresAt: Math.max(lease.expiresAt, event.expiresAt) }));
}

export function markDelivering(state: SchedulerState, event: EventOf<'lease-delivering'>): SchedulerState {
  return patchLease(state, event, () => ({ delivering: true, movedAt: event.at }));
}

export function markStarted(state: SchedulerState, event: EventOf<'lease-started'>): SchedulerState {
  return patchLease(state, event, () => ({ startedAt: event.at }));
}

export function markRecalled(state: SchedulerState, event: EventOf<'lease-recalled'>): SchedulerState {
  return patchLease(state, event, () => ({ recalled: true }));
}

function patchLease(
  state: SchedulerState,
  { taskId, attempt }: { readonly taskId: TaskId; readonly attempt: number },
  fieldsOf: (lease: Lease) => Partial<Lease>,
): SchedulerState {
  const task = state.tasks.get(taskId);
  if (task === undefined || !leasesOfTask(task).some((lease) => lease.attempt === attempt)) return state;
  const patched = withLeases(task, (lease) => (lease.attempt === attempt ? fieldsOf(lease) : {}));
  return putTask(state, taskId, patched);
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
