import type { Lease, TaskPhase, TaskState } from './model.ts';

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

/** What a task is once this attempt ended: its other copy goes on alone, else `rest`. */
export function phaseWithout(task: TaskState, attempt: number, rest: TaskPhase): TaskPhase {
  const other = otherLease(task, attempt);
  return other === undefined ? rest : { kind: 'leased', lease: other, backup: null };
}

/** The task with fields of its leases replaced. */
export function withLeases(task: TaskState, fieldsOf: (lease: Lease) => Partial<Lease>): TaskState {
  if (task.phase.kind !== 'leased') return task;
  const { lease, backup } = task.phase;
  const patched = (one: Lease): Lease => ({ ...one, ...fieldsOf(one) });
  const phase: TaskPhase = { kind: 'leased', lease: patched(lease), backup: backup && patched(backup) };
  return { ...task, phase };
}
