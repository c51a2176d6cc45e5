import type { TaskId } from '@reelmill/protocol';
import type { Lease, SchedulerState, TaskPlan, TaskState } from './model.ts';
import { leasesOfTask } from './taskLeases.ts';

/** Sound costs a small part of what pictures do: a node takes one such task beside its slots, so that none idles for it. */
export const runsBeside = (plan: TaskPlan): boolean => plan.kind === 'audio';

/** Slots that caps and reserved slots of queues count for the task: one for each copy, begun or waiting at its node. */
export const slotsTaken = (task: TaskState | null | undefined): number =>
  task == null || task.plan.place === 'house' || runsBeside(task.plan)
    ? 0
    : leasesOfTask(task).filter((lease) => !lease.delivering).length;

export interface NodeLoad {
  readonly leases: number;
  readonly delivering: number;
  readonly beside: number;
}

const nothing: NodeLoad = { leases: 0, delivering: 0, beside: 0 };

/** What the leases of one node take. */
export function loadOf(held: ReadonlyMap<TaskId, Lease> | undefined, tasks: SchedulerState['tasks']): NodeLoad {
  if (held === undefined) return nothing;
  let [delivering, beside] = [0, 0];
  for (const [taskId, lease] of held) {
    const plan = tasks.get(taskId)?.plan;
    if (lease.delivering) delivering += 1;
    else if (plan !== undefined && runsBeside(plan)) beside += 1;
  }
  return { leases: held.size, delivering, beside };
}

/**
 * Slots taken and tasks that wait for one. Attempts that only deliver their result take none, but at most as many as
 * the node has slots, so that a slow link cannot pile up finished work; nor does one that runs beside.
 */
export const wanting = ({ leases, delivering, beside }: NodeLoad, slots: number): number =>
  leases - Math.min(delivering, slots) - Math.min(beside, 1);
