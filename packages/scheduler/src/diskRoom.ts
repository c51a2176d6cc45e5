import type { JobId, NodeDisk } from '@reelmill/protocol';
import type { NodeRecord, SchedulerState, TaskPlan } from './model.ts';
import { leasesOf, taskOf } from './state.ts';

/** What is left of a node's disk for further tasks. */
export interface DiskLeft {
  /** Infinite where the node did not say what it has. */
  readonly freeBytes: number;
  /** Jobs whose source is counted already: one copy serves all tasks of a job. */
  readonly sourcesOf: ReadonlySet<JobId>;
}

/** What the node said last of its disk; undefined: nothing, and it is never checked. */
export const diskOf = ({ heard }: SchedulerState, { nodeId }: Pick<NodeRecord, 'nodeId'>): NodeDisk | undefined =>
  heard.get(nodeId)?.disk;

type Place = Pick<NodeRecord, 'local'>;

/** What a task fills on the disk of such a node, with its copy of the source. */
export const diskNeed = ({ diskBytes = 0, fetchBytes = 0 }: TaskPlan, { local }: Place): number =>
  diskBytes + (local ? 0 : fetchBytes);

/** What the task adds to what is promised there already. */
export const diskNeedBeside = (plan: TaskPlan, node: Place, { sourcesOf }: DiskLeft): number =>
  sourcesOf.has(plan.jobId) ? (plan.diskBytes ?? 0) : diskNeed(plan, node);

const unlimited: DiskLeft = { freeBytes: Number.POSITIVE_INFINITY, sourcesOf: new Set() };

/**
 * The disk that promises to all leases of a node leave. A result on its way out still lies there, so every lease counts
 * until it ends.
 */
export function diskLeft(state: SchedulerState, node: NodeRecord): DiskLeft {
  const disk = diskOf(state, node);
  if (disk === undefined) return unlimited;
  const sourcesOf = new Set<JobId>();
  let freeBytes = disk.roomBytes;
  for (const taskId of leasesOf(state, node.nodeId).keys()) {
    const { plan } = taskOf(state, taskId);
    freeBytes -= diskNeedBeside(plan, node, { freeBytes, sourcesOf });
    if (plan.fetchBytes !== undefined && !node.local) sourcesOf.add(plan.jobId);
  }
  return { freeBytes, sourcesOf };
}
