import type { Command, Decision } from '../command.ts';
import type { SchedulerEvent } from '../event.ts';
import type { SchedulerState } from '../model.ts';
import { type Rules, trueRules } from './rules.ts';

type Accepted = Extract<Decision, { kind: 'accepted' }>;

/** How planted faults are made: one piece of the true rules is replaced. */
export function mutateDecide(decide: Rules['decide']): Rules {
  return { ...trueRules, decide };
}

/** Another command than the one that came. */
export function mutateCommand(rewrite: (command: Command, state: SchedulerState) => Command): Rules {
  return mutateDecide((state, command, limits) => trueRules.decide(state, rewrite(command, state), limits));
}

/** The true rules see another state than the one there is. */
export function mutateView(rewrite: (state: SchedulerState, command: Command) => SchedulerState): Rules {
  return mutateDecide((state, command, limits) => trueRules.decide(rewrite(state, command), command, limits));
}

/** Another decision than the right one. */
export function mutateDecision(
  rewrite: (decision: Decision, step: { state: SchedulerState; command: Command }) => Decision,
): Rules {
  return mutateDecide((state, command, limits) =>
    rewrite(trueRules.decide(state, command, limits), { state, command }),
  );
}

type EventRewrite = (event: SchedulerEvent, state: SchedulerState, command: Command) => readonly SchedulerEvent[];

/** Other facts than the right ones; offers go with the grants that are left. */
export function mutateEvents(rewrite: EventRewrite): Rules {
  return mutateDecision((decision, { state, command }) => {
    if (decision.kind === 'rejected') return decision;
    const events = decision.events.flatMap((event) => rewrite(event, state, command));
    return withoutOrphans({ ...decision, events });
  });
}

/** These facts never come about. */
export const mutateAway = (isGone: (event: SchedulerEvent, command: Command) => boolean): Rules =>
  mutateEvents((event, _state, command) => (isGone(event, command) ? [] : [event]));

/** These effects never come about. */
export function mutateEffects(isGone: (effect: Accepted['effects'][number]) => boolean): Rules {
  return mutateDecision((decision) =>
    decision.kind === 'rejected' ? decision : { ...decision, effects: decision.effects.filter((one) => !isGone(one)) },
  );
}

/** Facts lead to another state, live and at a replay. */
export function mutateEvolve(evolve: (state: SchedulerState, event: SchedulerEvent) => SchedulerState): Rules {
  return {
    ...trueRules,
    evolveAll: (state, events) => {
      let next = state;
      for (const event of events) next = evolve(next, event);
      return next;
    },
  };
}

/** What is refused happens all the same. */
export function mutateRefusal(insist: (command: Command, reason: string) => readonly SchedulerEvent[] | null): Rules {
  return mutateDecision((decision, { command }) => {
    const events = decision.kind === 'rejected' ? insist(command, decision.reason) : null;
    return events === null ? decision : { kind: 'accepted', events, effects: [] };
  });
}

/** The journal does not know facts of this kind. */
export const mutateJournal = (isForgotten: (event: SchedulerEvent) => boolean): Rules => ({
  ...trueRules,
  isDurable: (event): event is never => trueRules.isDurable(event) && !isForgotten(event),
});

function withoutOrphans({ events, effects }: Accepted): Decision {
  const granted = (taskId: string): boolean =>
    events.some((event) => event.type === 'lease-granted' && event.taskId === taskId);
  const kept = effects.filter(
    (effect) => (effect.type !== 'offer-task' && effect.type !== 'run-house-task') || granted(effect.taskId),
  );
  return { kind: 'accepted', events, effects: kept };
}
