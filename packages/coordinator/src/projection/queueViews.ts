import type { QueueRule, QueueView } from '@reelmill/protocol';
import type { SchedulerState } from '@reelmill/scheduler';

/** The named queues of the settings and their use now. */
export function queueViews(rules: readonly QueueRule[], state: SchedulerState): QueueView[] {
  if (rules.length === 0) return [];
  const jobs = new Map<string | null, number>();
  for (const { order, phase } of state.jobs.values()) {
    if (phase.kind === 'active') jobs.set(order.queue, (jobs.get(order.queue) ?? 0) + 1);
  }
  return rules.map((rule) => ({
    ...rule,
    jobs: jobs.get(rule.name) ?? 0,
    busySlots: state.index.busySlots.get(rule.name) ?? 0,
  }));
}
