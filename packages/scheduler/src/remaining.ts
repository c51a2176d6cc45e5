import type { Draft } from './draft.ts';
import type { Lease, TaskPlan } from './model.ts';
import { speedOn } from './speed.ts';

/** Seconds until the node should be done with what it began; one that is over its time may need as long again. */
export function remainingSeconds({ state, at }: Draft, plan: TaskPlan, { startedAt, nodeId }: Lease): number {
  const speed = nodeId === 'house' ? null : speedOn(state.speeds, plan, nodeId);
  const expected = plan.costSeconds / (speed ?? 1);
  const elapsed = startedAt === null ? 0 : (at - startedAt) / 1000;
  return expected > elapsed ? expected - elapsed : elapsed;
}
