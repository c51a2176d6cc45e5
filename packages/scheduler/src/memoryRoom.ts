import type { NodeRecord, SchedulerState } from './model.ts';
import { leasesOf, taskOf } from './state.ts';

/** Memory the estimates of all running attempts of a node leave; infinite where the node did not say what it has. */
export function memoryLeft(state: SchedulerState, { nodeId, memoryBytes }: NodeRecord): number {
  if (memoryBytes === undefined) return Number.POSITIVE_INFINITY;
  let left = memoryBytes;
  for (const [taskId, lease] of leasesOf(state, nodeId)) {
    // an attempt that only delivers its result has no encoder any more
    if (!lease.delivering) left -= taskOf(state, taskId).plan.memoryBytes ?? 0;
  }
  return left;
}
