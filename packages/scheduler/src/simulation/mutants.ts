import { retryLimits, timing } from '@reelmill/protocol';
import type { Command } from '../command.ts';
import type { SchedulerEvent } from '../event.ts';
import { emptyWork } from '../jobIndex.ts';
import type { SchedulerState } from '../model.ts';
import { leaseOf } from '../state.ts';
import { withLeases } from '../taskLeases.ts';
import { diskMutants } from './diskMutants.ts';
import { jobMutants } from './jobMutants.ts';
import { kindMutants } from './kindMutants.ts';
import { lendingMutants } from './lendingMutants.ts';
import {
  mutateAway,
  mutateCommand,
  mutateDecide,
  mutateDecision,
  mutateEvents,
  mutateEvolve,
  mutateJournal,
  mutateRefusal,
  mutateView,
} from './mutate.ts';
import { orderMutants } from './orderMutants.ts';
import { type Rules, trueRules } from './rules.ts';

/** Faults planted on purpose: a simulation that does not find every one of them proves nothing. */
export const mutants: Readonly<Record<string, Rules>> = {
  'no fence: any result of a leased task commits': mutateCommand((command, state) => {
    const lease = command.type === 'finish-task' ? leaseOf(state.tasks.get(command.taskId)) : undefined;
    return lease === undefined ? command : ({ ...command, attempt: lease.attempt, nodeId: lease.nodeId } as Command);
  }),
  'no fence for failures: a late failure is charged to the current attempt': mutateCommand((command, state) => {
    if (command.type !== 'finish-task' || command.outcome.kind !== 'failed') return command;
    const lease = leaseOf(state.tasks.get(command.taskId));
    return lease === undefined ? command : { ...command, attempt: lease.attempt, nodeId: lease.nodeId };
  }),
  'no renewal: heartbeats are not heard': mutateAway(
    (event, command) => event.type === 'lease-renewed' && command.type === 'heartbeat',
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
  'a repeated result commits again': mutateRefusal((command, reason) => {
    if (reason !== 'duplicate' || command.type !== 'finish-task' || command.outcome.kind !== 'completed') return null;
    const { taskId, attempt, outcome } = command;
    return [{ type: 'task-completed', v: 1, taskId, attempt, result: outcome.result }];
  }),
  'dead nodes keep their leases': mutateAway((event) => event.type === 'lease-lost' && event.reason === 'expired'),
  'a reconnect forgets what the node holds': mutateCommand((command) =>
    command.type === 'join-node' ? { ...command, held: [] } : command,
  ),
  'a vanished node loses its leases at once': mutateCommand((command) =>
    command.type === 'leave-node' ? { ...command, reason: 'bye' } : command,
  ),
  'a refused offer stays where it is': mutateAway((event) => event.type === 'lease-lost' && event.reason === 'refused'),
  'a retry reuses the number of the lost attempt': mutateEvents((event) =>
    event.type === 'lease-granted' && event.attempt > 1 ? [{ ...event, attempt: event.attempt - 1 }] : [event],
  ),
  'a node that failed a task never gets it again': mutateEvents((event, state) => {
    const barred =
      event.type === 'lease-granted' && state.tasks.get(event.taskId)?.failedOn.some((one) => one === event.nodeId);
    return barred === true ? [] : [event];
  }),
  'a task that failed goes back to the same node': mutateView((state) => withTasks(state, { failedOn: [] })),
  'nobody is blamed: a bad node stays in the running': mutateEvolve((state, event) => {
    const next = trueRules.evolveAll(state, [event]);
    return event.type === 'task-soft-failed' ? withoutBlame(next) : next;
  }),
  'no backoff: a failed task is granted at once': mutateEvents((event) =>
    event.type === 'task-soft-failed' ? [{ ...event, notBefore: 0 }] : [event],
  ),
  'dead at the second failure': mutateView((state) => withTasks(state, { failures: retryLimits.failureBudget - 1 })),
  'no dead letter: a poison task is tried for ever': mutateView((state) => withTasks(state, { failures: 0 })),
  'an error that never goes away is tried again': mutateCommand((command) => {
    if (command.type !== 'finish-task' || command.outcome.kind !== 'failed') return command;
    const { error } = command.outcome;
    const mended = error.code === 'AUTO_SCALER' ? { ...error, code: 'ENCODE_FAILED' as const } : error;
    return { ...command, outcome: { kind: 'failed', error: mended } };
  }),
  'a full node gets one more': mutateView((state) => ({
    ...state,
    nodes: new Map([...state.nodes].map(([nodeId, node]) => [nodeId, { ...node, slots: node.slots + 1 }])),
  })),
  'a free slot ends the lease': mutateEvents((event, state) => {
    const nodeId = event.type === 'lease-delivering' ? leaseOf(state.tasks.get(event.taskId))?.nodeId : undefined;
    if (event.type !== 'lease-delivering' || nodeId === undefined) return [event];
    const { taskId, attempt } = event;
    const loss = { reason: 'disconnected', error: null, avoidNode: false, notBefore: 0 } as const;
    return [{ type: 'lease-lost', v: 1, taskId, attempt, nodeId, ...loss }];
  }),
  'a result that is on its way is copied': mutateView((state) => {
    let { tasks } = state;
    for (const [taskId, task] of state.tasks) {
      const before = (movedAt: number | null) => (movedAt === null ? null : movedAt - timing.leaseTtlMs);
      const moved = withLeases(task, ({ movedAt }) => ({ movedAt: before(movedAt) }));
      if (moved !== task) tasks = tasks.set(taskId, moved);
    }
    return { ...state, tasks };
  }),
  'nobody is put under quarantine': mutateAway((event) => event.type === 'node-quarantined'),
  'a node under quarantine gets work': mutateView((state, { type }) =>
    type === 'finish-task' || type === 'release-node' ? state : { ...state, trust: new Map() },
  ),
  'the journal forgets quarantines': mutateJournal((event) => event.type === 'node-quarantined'),
  'a bad result counts before another node did better': mutateEvolve((state, event) => {
    const next = trueRules.evolveAll(state, [event]);
    if (event.type !== 'task-soft-failed' || event.nodeId === 'house') return next;
    if (next.tasks.get(event.taskId)?.badResultsOf === undefined) return next;
    const known = next.trust.get(event.nodeId) ?? { badResults: [], quarantine: null };
    const trust = { ...known, badResults: [...known.badResults, event.taskId] };
    return { ...next, trust: new Map(next.trust).set(event.nodeId, trust) };
  }),
  'the journal forgets failed attempts': mutateJournal((event) => event.type === 'task-soft-failed'),
  'the journal forgets what was granted': mutateJournal((event) => event.type === 'lease-granted'),
  'acts before the journal is on disk': { ...trueRules, actsBeforeDurable: true },
  'a restart takes all leases back at once': mutateDecision((decision, { command, state }) => {
    if (command.type !== 'boot' || decision.kind === 'rejected') return decision;
    const lost = [...state.index.leases].flatMap(([nodeId, leases]) =>
      nodeId === 'house' ? [] : [...leases].map(([taskId, lease]) => expired(taskId, lease.attempt, nodeId)),
    );
    return { ...decision, events: [...decision.events, ...lost] };
  }),
  ...jobMutants,
  ...diskMutants,
  ...kindMutants,
  ...orderMutants,
  ...lendingMutants,
};

type TaskFields = Partial<Pick<NonNullable<ReturnType<SchedulerState['tasks']['get']>>, 'failedOn' | 'failures'>>;

function withTasks(state: SchedulerState, fields: TaskFields): SchedulerState {
  let { tasks } = state;
  for (const [taskId, task] of state.tasks) {
    if (task.failures + task.failedOn.length > 0) tasks = tasks.set(taskId, { ...task, ...fields });
  }
  return { ...state, tasks };
}

function withoutBlame(state: SchedulerState): SchedulerState {
  let { work } = state.index;
  for (const jobId of state.jobs.keys()) {
    work = work.set(jobId, { ...(work.get(jobId) ?? emptyWork), blame: new Map() });
  }
  return { ...state, index: { ...state.index, work } };
}

const expired = (
  taskId: Extract<SchedulerEvent, { type: 'lease-lost' }>['taskId'],
  attempt: number,
  nodeId: Extract<SchedulerEvent, { type: 'lease-lost' }>['nodeId'],
): SchedulerEvent => ({
  type: 'lease-lost',
  v: 1,
  taskId,
  attempt,
  nodeId,
  reason: 'expired',
  error: null,
  avoidNode: false,
  notBefore: 0,
});

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
