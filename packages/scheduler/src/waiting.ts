import type { JobId, NodeId, TaskId } from '@reelmill/protocol';
import { ask, isLastingFit, type Obstacle, roomOf, whyNever, whyNot } from './eligibility.ts';
import { isLeftToFaster } from './lastTasks.ts';
import type { ClockMs, NodeRecord, SchedulerState, TaskPlan, TaskState } from './model.ts';
import { needsKey } from './patience.ts';

/** Tasks of a job that wait for a node and are of one kind and rendition. */
export interface WaitingTasks {
  /** The one that is next. */
  readonly plan: TaskPlan;
  readonly count: number;
  /** It rests after a failure until then; null: it may start now. */
  readonly restsUntil: ClockMs | null;
  /** Every connected node, with all that speaks against it. */
  readonly nodes: readonly { readonly nodeId: NodeId; readonly obstacles: readonly Obstacle[] }[];
}

/** What of a job waits for nodes, and why no connected node has it: by the rules of assignment itself. */
export function waitingTasks(state: SchedulerState, jobId: JobId): WaitingTasks[] {
  const at = state.clock;
  return [...groupsBy(state, jobId, ({ kind, rendition }) => `${kind} ${rendition}`)].map(({ task, count }) => ({
    plan: task.plan,
    count,
    restsUntil: task.phase.kind === 'queued' && task.phase.notBefore > at ? task.phase.notBefore : null,
    nodes: [...state.nodes.values()].map((node) => ({
      nodeId: node.nodeId,
      obstacles: obstaclesNow(state, task, node),
    })),
  }));
}

/** As assignment decides: also a node that fits may be passed over at the very end. */
export function obstaclesNow(state: SchedulerState, task: TaskState, node: NodeRecord): readonly Obstacle[] {
  const moment = { state, at: state.clock };
  const obstacles = whyNot(ask(moment, task, { node, room: roomOf(state, node) }));
  return obstacles.length === 0 && isLeftToFaster(moment, task, node) ? [{ kind: 'left-to-faster' }] : obstacles;
}

/** What no connected node could take even if it had nothing to do. */
export interface StuckTasks {
  readonly plan: TaskPlan;
  /** Of every connected node; none where no node is connected. */
  readonly nodes: readonly { readonly nodeId: NodeId; readonly obstacles: readonly Obstacle[] }[];
}

/** The first tasks of a job that wait for a node that is not there; null where all wait for room only. */
export function stuckTasks(state: SchedulerState, jobId: JobId): StuckTasks | null {
  const at = state.clock;
  const nodes = [...state.nodes.values()];
  const isStuck = (plan: TaskPlan): boolean => !nodes.some((node) => isLastingFit({ state, at, plan, node }));
  const stuck = new Set(needsOfJob(state, jobId).filter(isStuck).map(needsKey));
  if (stuck.size === 0) return null;
  for (const { task } of groupsBy(state, jobId, needsKey)) {
    const { plan } = task;
    if (!stuck.has(needsKey(plan))) continue;
    return {
      plan,
      nodes: nodes.map((node) => ({ nodeId: node.nodeId, obstacles: whyNever({ state, at, plan, node }) })),
    };
  }
  return null;
}

const needsOfPlan = new WeakMap<readonly TaskId[], readonly TaskPlan[]>();

/** One farm task of the job for each of its needs, whether or not one waits: told once per plan, whose list never changes. */
function needsOfJob(state: SchedulerState, jobId: JobId): readonly TaskPlan[] {
  const { taskIds } = state.jobs.get(jobId) ?? { taskIds: [] };
  const known = needsOfPlan.get(taskIds);
  if (known !== undefined) return known;
  const plans = taskIds.map((taskId) => state.tasks.get(taskId)?.plan).filter((plan) => plan?.place === 'farm');
  const needs = [...new Map(plans.map((plan) => [needsKey(plan as TaskPlan), plan as TaskPlan])).values()];
  needsOfPlan.set(taskIds, needs);
  return needs;
}

function groupsBy(
  state: SchedulerState,
  jobId: JobId,
  keyOf: (plan: TaskPlan) => string,
): Iterable<{ readonly task: TaskState; readonly count: number }> {
  const groups = new Map<string, { task: TaskState; count: number }>();
  for (const taskId of state.index.work.get(jobId)?.queued.farm ?? []) {
    const task = state.tasks.get(taskId);
    if (task === undefined) continue;
    const key = keyOf(task.plan);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { task, count: 1 });
    else group.count += 1;
  }
  return groups.values();
}
