import { isSuspect } from './blame.ts';
import { isLastingFit } from './eligibility.ts';
import { farmKindOf } from './kindRoom.ts';
import { waitingJobs } from './lanes.ts';
import type { Lease, NodeRecord, TaskPlan, TaskState } from './model.ts';
import { runsBeside } from './nodeLoad.ts';
import { takesWork } from './nodes.ts';
import { medianSpeed, speedOn } from './speed.ts';
import { leasesOf, taskOf } from './state.ts';

type Moment = Parameters<typeof takesWork>[0];

/** What runs longer than this many times its own time says nothing about when its slot will be free. */
const overdueFactor = 1.5;

/**
 * Whether the last tasks of the last job are better left to faster nodes, busy as they are: all of them would be done
 * there before this node could do one. A slow node that took one would only be waited for. Nodes of the faster half of the
 * farm always take what they can.
 */
export function isLeftToFaster(draft: Moment, task: TaskState, node: NodeRecord): boolean {
  const { state } = draft;
  const waiting = waitingJobs(state.index.order.farm);
  const queued = state.index.work.get(task.plan.jobId)?.queued.farm.length ?? 0;
  if (waiting > 1 || queued > state.nodes.size || runsBeside(task.plan)) return false;
  const seconds = secondsOn(draft, task.plan, node);
  const usual = medianSpeed(state.speeds, task.plan);
  if (seconds === null || usual === null || seconds <= task.plan.costSeconds / usual) return false;
  let done = 0;
  for (const other of state.nodes.values()) {
    const each = secondsOn(draft, task.plan, other);
    if (each === null || each >= seconds || !takesWork(draft, other)) continue;
    const isFit = isLastingFit({ state, at: draft.at, plan: task.plan, node: other });
    if (!isFit || isSuspect(state, task, other)) continue;
    done += tasksWithin(draft, other, { seconds, each, plan: task.plan });
    if (done >= queued) return true;
  }
  return false;
}

function secondsOn({ state }: Moment, plan: TaskPlan, { nodeId }: NodeRecord): number | null {
  const speed = speedOn(state.speeds, plan, nodeId);
  return speed === null ? null : plan.costSeconds / speed;
}

/** Tasks like the ones that wait which a busy node can still end within that time. */
function tasksWithin(
  draft: Moment,
  node: NodeRecord,
  { seconds, each, plan: wanted }: { readonly seconds: number; readonly each: number; readonly plan: TaskPlan },
): number {
  const kind = farmKindOf(wanted);
  const isCapped = kind !== null && node.kindCaps?.[kind] !== undefined;
  let tasks = 0;
  for (const [taskId, lease] of leasesOf(draft.state, node.nodeId)) {
    const { plan } = taskOf(draft.state, taskId);
    // a slot of another kind is none for these, where their kind is capped
    if (lease.delivering || runsBeside(plan) || (isCapped && plan.kind !== kind)) continue;
    if (lease.startedAt === null) tasks -= 1;
    else tasks += Math.floor(Math.max(0, seconds - freeInSeconds(draft, { node, plan, lease })) / each);
  }
  return Math.max(0, tasks);
}

function freeInSeconds(
  draft: Moment,
  { node, plan, lease }: { readonly node: NodeRecord; readonly plan: TaskPlan; readonly lease: Lease },
): number {
  const expected = secondsOn(draft, plan, node) ?? Number.POSITIVE_INFINITY;
  const elapsed = (draft.at - (lease.startedAt ?? draft.at)) / 1000;
  return elapsed > overdueFactor * expected ? Number.POSITIVE_INFINITY : Math.max(0, expected - elapsed);
}
