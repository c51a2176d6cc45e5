import type { ClockMs, Lease, TaskPhase, TaskState } from './model.ts';

const none: readonly Lease[] = [];

/** Every lease on a task: its own, and that of a backup copy where one runs. */
export function leasesOfTask(task: TaskState | null | undefined): readonly Lease[] {
  if (task?.phase.kind !== 'leased') return none;
  const { lease, backup } = task.phase;
  return backup === null ? [lease] : [lease, backup];
}

/** The lease of a copy of the task other than this attempt. */
export function otherLease(task: TaskState, attempt: number): Lease | undefined {
  return leasesOfTask(task).find((lease) => lease.attempt !== attempt);
}

/** What a task is once this attempt ended: its other copy goes on alone, else it is queued. A rest is not cut short. */
export function phaseWithout(task: TaskState, attempt: number, notBefore: ClockMs): TaskPhase {
  const other = otherLease(task, attempt);
  const earlier = task.phase.kind === 'leased' ? task.phase.restsUntil : undefined;
  const restsUntil = Math.max(notBefore, earlier ?? notBefore);
  return other === undefined
    ? { kind: 'queued', notBefore: restsUntil }
    : { kind: 'leased', lease: other, backup: null, restsUntil };
}

/** The same task under another clock. */
export function withoutRest(task: TaskState): TaskState {
  if (task.phase.kind !== 'leased') return task;
  const { restsUntil: _, ...phase } = task.phase;
  return { ...task, phase };
}

/** The task with fields of its leases replaced. */
export function withLeases(task: TaskState, fieldsOf: (lease: Lease) => Partial<Lease>): TaskState {
  if (task.phase.kind !== 'leased') return task;
  const { lease, backup } = task.phase;
  const patched = (one: Lease): Lease => ({ ...one, ...fieldsOf(one) });
  const phase: TaskPhase = { ...task.phase, lease: patched(lease), backup: backup && patched(backup) };
  return { ...task, phase };
}
