import type { TaskPlan, TaskState } from './model.ts';

/** Sound costs a small part of what pictures do: a node takes one such task beside its slots, so that none idles for it. */
export const runsBeside = (plan: TaskPlan): boolean => plan.kind === 'audio';

/** Whether the task is one of those that caps and reserved slots of queues count. */
export const takesSlot = (task: TaskState | null | undefined): boolean =>
  task?.phase.kind === 'leased' && task.plan.place === 'farm' && !task.phase.lease.delivering && !runsBeside(task.plan);
