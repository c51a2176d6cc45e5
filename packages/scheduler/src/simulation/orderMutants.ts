import type { JobPriority } from '@reelmill/protocol';
import { evolve } from '../evolve.ts';
import type { SchedulerState } from '../model.ts';
import { mutateAway, mutateDecide, mutateEvents, mutateEvolve, mutateJournal, mutateView } from './mutate.ts';
import { type Rules, trueRules } from './rules.ts';

const opposite: Readonly<Record<JobPriority, JobPriority>> = {
  urgent: 'low',
  high: 'low',
  normal: 'normal',
  low: 'high',
};

/** Planted faults in what people order: holds, pauses, markers, priorities, queues. */
export const orderMutants: Readonly<Record<string, Rules>> = {
  'a held job gets work': mutateView((state) => {
    let next = state;
    for (const { jobId, order } of state.jobs.values()) {
      if (order.held) next = evolve(next, { type: 'job-ordered', v: 1, jobId, order: { held: false } });
    }
    return next;
  }),
  'a hold is acknowledged and forgotten': mutateEvents((event) => {
    if (event.type !== 'job-ordered' || event.order.held === undefined) return [event];
    const { held: _, ...order } = event.order;
    return [{ ...event, order }];
  }),
  'a resumed job stays out of its lane': mutateEvolve((state, event) => {
    const next = trueRules.evolveAll(state, [event]);
    const isResumed = event.type === 'job-ordered' && state.jobs.get(event.jobId)?.order.held && !event.order.held;
    return isResumed ? { ...next, index: { ...next.index, order: state.index.order } } : next;
  }),
  'a paused farm goes on': mutateView((state) => withGate(state, { paused: false })),
  'a resumed farm stays paused': mutateAway((event) => event.type === 'farm-resumed'),
  'the stop marker is passed': mutateView((state) => withGate(state, { stopAfter: null })),
  'the farm goes on behind the marked job': mutateEvolve((state, event) => {
    const next = trueRules.evolveAll(state, [event]);
    const ends = event.type === 'job-done' || event.type === 'job-failed' || event.type === 'job-canceled';
    return ends && state.gate.stopAfter === event.jobId ? withGate(next, { paused: false }) : next;
  }),
  'caps of queues are not kept': mutateDecide((state, command, { houseSlots }) =>
    trueRules.decide(state, command, { houseSlots }),
  ),
  'who has less priority goes first': mutateView((state) => {
    let next = state;
    for (const { jobId, order } of state.jobs.values()) {
      const priority = opposite[order.priority];
      if (priority !== order.priority) next = evolve(next, { type: 'job-ordered', v: 1, jobId, order: { priority } });
    }
    return next;
  }),
  'the journal forgets orders': mutateJournal((event) => event.type === 'job-ordered'),
  'the journal forgets pauses': mutateJournal((event) => event.type === 'farm-paused'),
};

const withGate = (state: SchedulerState, fields: Partial<SchedulerState['gate']>): SchedulerState => ({
  ...state,
  gate: { ...state.gate, ...fields },
});
