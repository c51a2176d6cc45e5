import { FarmTaskKind } from '@reelmill/protocol';
import type { NodeRecord, SchedulerState, TaskPlan } from './model.ts';
import { leasesOf, taskOf } from './state.ts';

/** How many tasks of each capped kind a node takes besides those it has; kinds without a cap are absent. */
export type KindsLeft = ReadonlyMap<FarmTaskKind, number>;

const unlimited: KindsLeft = new Map();

/** What runs or waits at the node counts; what only delivers its result has no encoder any more. */
export function kindsLeft(state: SchedulerState, { nodeId, kindCaps }: NodeRecord): KindsLeft {
  if (kindCaps === undefined) return unlimited;
  const left = new Map<FarmTaskKind, number>();
  for (const kind of FarmTaskKind.options) {
    const cap = kindCaps[kind];
    if (cap !== undefined) left.set(kind, cap);
  }
  for (const [taskId, { delivering }] of leasesOf(state, nodeId)) {
    const kind = farmKindOf(taskOf(state, taskId).plan);
    const before = kind === null || delivering ? undefined : left.get(kind);
    if (kind !== null && before !== undefined) left.set(kind, before - 1);
  }
  return left;
}

/** The kind, where agents run such tasks. */
export const farmKindOf = ({ kind }: TaskPlan): FarmTaskKind | null =>
  FarmTaskKind.options.find((one) => one === kind) ?? null;
