import type { NodeId } from '@reelmill/protocol';
import { type BlameKey, emptyWork } from './jobIndex.ts';
import type { NodeRecord, SchedulerState, TaskPlan, TaskState } from './model.ts';

/** reliability.md P7: a node is barred from a kind of task within a job after this many failures in a row. */
const blameLimit = 3;

const keyOf = (plan: TaskPlan, nodeId: NodeId): BlameKey => `${plan.kind} ${nodeId}`;

/** Whether the node failed so many tasks of this kind and job in a row that others are better asked. */
export function isBlamed(state: SchedulerState, plan: TaskPlan, nodeId: NodeId): boolean {
  const counts = state.index.work.get(plan.jobId)?.blame;
  if (counts === undefined || counts.size === 0) return false;
  return (counts.get(keyOf(plan, nodeId)) ?? 0) >= blameLimit;
}

/** Asked only while nobody else is there: by the blocklist of its job, or because a retry by hand said so. */
const isShunned = (state: SchedulerState, task: TaskState, nodeId: NodeId): boolean =>
  task.avoid?.includes(nodeId) === true || isBlamed(state, task.plan, nodeId);

/** Whether other nodes are better asked for this task: it failed this very task, or too many like it. */
export const isSuspect = (state: SchedulerState, task: TaskState, { nodeId }: Pick<NodeRecord, 'nodeId'>): boolean =>
  task.failedOn.includes(nodeId) || isShunned(state, task, nodeId);

/** One more failure of the node, or with `failed` false a success that clears it. */
export function blame(
  state: SchedulerState,
  plan: TaskPlan,
  attempt: { readonly nodeId: NodeId | 'house'; readonly failed: boolean },
): SchedulerState {
  if (attempt.nodeId === 'house') return state;
  const work = state.index.work.get(plan.jobId) ?? emptyWork;
  const key = keyOf(plan, attempt.nodeId);
  const count = work.blame.get(key) ?? 0;
  if (!attempt.failed && count === 0) return state;
  const counts = new Map(work.blame);
  if (attempt.failed) counts.set(key, count + 1);
  else counts.delete(key);
  return { ...state, index: { ...state.index, work: state.index.work.set(plan.jobId, { ...work, blame: counts }) } };
}
