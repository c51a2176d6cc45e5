import type { QueueRule } from '@reelmill/protocol';
import type { Draft } from './draft.ts';

/** Whether a job of that queue may take one more slot now. Within one pass of assignment a no stays a no. */
export type Admission = (queue: string | null) => boolean;

export const admitAll: Admission = () => true;

/**
 * Caps and reserved slots of named queues, counted over the farm. A queue takes no slot that others have reserved and
 * do not use, but one slot is always open to all, so that reservations stop nobody for ever.
 */
export function meterQueues(draft: Draft, freeSlots: number): Admission {
  const rules = draft.limits.queues ?? [];
  if (rules.length === 0) return admitAll;
  const busyOf = (queue: string | null): number => draft.state.index.busySlots.get(queue) ?? 0;
  const busyAtStart = totalBusy(draft);
  return (queue) => {
    const rule = rules.find(({ name }) => name === queue);
    if (rule?.cap != null && busyOf(queue) >= rule.cap) return false;
    const free = freeSlots - (totalBusy(draft) - busyAtStart);
    const kept = rules.filter(({ name }) => name !== queue).reduce((sum, one) => sum + unusedOf(one, busyOf), 0);
    return free > kept || unreservedBusy(draft, rules) === 0;
  };
}

const unusedOf = ({ name, reserved }: QueueRule, busyOf: (queue: string) => number): number =>
  Math.max(0, reserved - busyOf(name));

function totalBusy(draft: Draft): number {
  let total = 0;
  for (const count of draft.state.index.busySlots.values()) total += count;
  return total;
}

/** Slots taken beyond what is reserved for those who took them. */
function unreservedBusy(draft: Draft, rules: readonly QueueRule[]): number {
  let taken = 0;
  for (const [queue, count] of draft.state.index.busySlots) {
    taken += Math.max(0, count - (rules.find(({ name }) => name === queue)?.reserved ?? 0));
  }
  return taken;
}
