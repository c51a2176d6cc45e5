import { retryLimits, timing } from '@reelmill/protocol';
import type { Command, Decision, SchedulerEvent, SchedulerState } from '../model.ts';
import { leaseOf } from '../state.ts';
import { type Rules, trueRules } from './rules.ts';

type EventRewrite = (event: SchedulerEvent, state: SchedulerState, command: Command) => readonly SchedulerEvent[];

/** Faults planted on purpose: a simulation that does not find every one of them proves nothing. */
export const mutants: Readonly<Record<string, Rules>> = {
  'no fence: any result of a leased task commits': mutateCommand((command, state) => {
    const lease = command.type === 'finish-task' ? leaseOf(state.tasks.get(command.taskId)) : undefined;
    return lease === undefined ? command : ({ ...command, attempt: lease.attempt, nodeId: lease.nodeId } as Command);
  }),
  'no renewal: heartbeats are not heard': mutateEvents((event, _state, command) =>
    event.type === 'lease-renewed' && command.type === 'heartbeat' ? [] : [event],
  ),
  'agent clock: leases run on the time of the node': mutateEvents((event, _state, command) => {
    const { agentClock } = command as { agentClock?: number };
    if (event.type !== 'lease-renewed' || agentClock === undefined) return [event];
    return [{ ...event, expiresAt: agentClock + timing.leaseTtlMs }];
  }),
  'budget charged on loss': mutateEvents(chargeLoss),
  'no grace after a clock jump': mutateDecide((state, command, limits) =>
    trueRules.decide(
      command.type === 'boot' ? state : { ...state, clock: Math.max(state.clock, command.at - 1) },
      command,
      limits,
    ),
  ),
  'a repeated result commits again': mutateDecide((state, command, limits) => {
    const decision = trueRules.decide(state, command, limits);
    const repeated = decision.kind === 'rejected' && decision.reason === 'duplicate';
    if (!repeated || command.type !== 'finish-task' || command.outcome.kind !== 'completed') return decision;
    const { taskId, attempt, outcome } = command;
    const event: SchedulerEvent = { type: 'task-completed', v: 1, taskId, attempt, result: outcome.result };
    return { kind: 'accepted', events: [event], effects: [] };
  }),
  'dead nodes keep their leases': mutateEvents((event) =>
    event.type === 'lease-lost' && event.reason === 'expired' ? [] : [event],
  ),
  'a reconnect forgets what the node holds': mutateCommand((command) =>
    command.type === 'join-node' ? { ...command, held: [] } : command,
  ),
  'a retry reuses the number of the lost attempt': mutateEvents((event) =>
    event.type === 'lease-granted' && event.attempt > 1 ? [{ ...event, attempt: event.attempt - 1 }] : [event],
  ),
  'a node that failed a task never gets it again': mutateDecide((state, command, limits) => {
    const decision = trueRules.decide(state, command, limits);
    if (decision.kind === 'rejected') return decision;
    const barred = (event: { taskId: string; nodeId: string }) => {
      const task = [...state.tasks.values()].find(({ plan }) => plan.taskId === event.taskId);
      return task?.failedOn.some((nodeId) => nodeId === event.nodeId) === true;
    };
    const events = decision.events.filter((event) => event.type !== 'lease-granted' || !barred(event));
    const effects = decision.effects.filter((effect) => effect.type !== 'offer-task' || !barred(effect));
    return { kind: 'accepted', events, effects };
  }),
  'the journal forgets failed attempts': {
    ...trueRules,
    isDurable: (event): event is never => trueRules.isDurable(event) && event.type !== 'task-soft-failed',
  },
  'acts before the journal is on disk': { ...trueRules, actsBeforeDurable: true },
};

function mutateDecide(decide: Rules['decide']): Rules {
  return { ...trueRules, decide };
}

function mutateCommand(rewrite: (command: Command, state: SchedulerState) => Command): Rules {
  return mutateDecide((state, command, limits) => trueRules.decide(state, rewrite(command, state), limits));
}

function mutateEvents(rewrite: EventRewrite): Rules {
  return mutateDecide((state, command, limits): Decision => {
    const decision = trueRules.decide(state, command, limits);
    if (decision.kind === 'rejected') return decision;
    const events = decision.events.flatMap((event) => rewrite(event, state, command));
    const granted = (taskId: string) =>
      events.some((event) => event.type === 'lease-granted' && event.taskId === taskId);
    const effects = decision.effects.filter((effect) => effect.type !== 'offer-task' || granted(effect.taskId));
    return { kind: 'accepted', events, effects };
  });
}

function chargeLoss(event: SchedulerEvent, state: SchedulerState, command: Command): readonly SchedulerEvent[] {
  if (event.type !== 'lease-lost' || event.nodeId === 'house') return [event];
  const task = state.tasks.get(event.taskId);
  const { taskId, attempt, nodeId, notBefore } = event;
  const error = { code: 'LEASE_LOST' as const, cause: '', fix: '', details: {} };
  if (task === undefined || task.failures + 1 < retryLimits.failureBudget) {
    return [{ type: 'task-soft-failed', v: 1, taskId, attempt, nodeId, error, notBefore: notBefore + 1 }];
  }
  const { jobId } = task.plan;
  return [
    { type: 'task-failed', v: 1, taskId, attempt, error },
    { type: 'job-failed', v: 1, jobId, taskId, error, iso: command.iso },
  ];
}
