import type { JobId, NodeId } from '@reelmill/protocol';
import { ask, type Obstacle, roomOf, whyNever, whyNot } from './eligibility.ts';
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
  for (const { task } of groupsBy(state, jobId, needsKey)) {
    const { plan } = task;
    const nodes = [...state.nodes.values()].map((node) => ({
      nodeId: node.nodeId,
      obstacles: whyNever({ state, at, plan, node }),
    }));
    if (nodes.every(({ obstacles }) => obstacles.length > 0)) return { plan, nodes };
  }
  return null;
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
