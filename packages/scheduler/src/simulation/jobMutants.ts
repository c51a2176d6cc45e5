import { errorTable } from '@reelmill/protocol';
import { emptyIndex, putTask } from '../jobIndex.ts';
import type { SchedulerState } from '../model.ts';
import {
  mutateAway,
  mutateCommand,
  mutateDecision,
  mutateEffects,
  mutateEvents,
  mutateEvolve,
  mutateJournal,
  mutateRefusal,
  mutateView,
} from './mutate.ts';
import { type Rules, trueRules } from './rules.ts';

/** Planted faults in the life of jobs: submission, plan, publication, cancel, retry, removal, restart. */
export const jobMutants: Readonly<Record<string, Rules>> = {
  'a second submission starts the job anew': mutateRefusal((command, reason) => {
    if (command.type !== 'submit-job' || reason !== 'duplicate') return null;
    const { jobId, request, tasks, iso } = command;
    return [{ type: 'job-submitted', v: 1, jobId, request, tasks, iso }];
  }),
  'a second plan is taken': mutateRefusal((command, reason) => {
    if (command.type !== 'plan-job' || reason !== 'duplicate') return null;
    const { jobId, plan } = command;
    return [{ type: 'job-planned', v: 1, jobId, plan, tasks: [] }];
  }),
  'a canceled job publishes': mutateRefusal((command, reason) => {
    if (command.type !== 'note-output' || reason !== 'job-state') return null;
    const { jobId, output } = command;
    return [{ type: 'output-noted', v: 1, jobId, output }];
  }),
  'a file appears before its name is in the journal': mutateEvents((event) =>
    event.type === 'output-noted' && event.output.state === 'publishing' ? [] : [event],
  ),
  'canceled tasks stay in the queue': mutateEvolve((state, event) => {
    const next = trueRules.evolveAll(state, [event]);
    if (event.type !== 'job-canceled') return next;
    return restoreQueued(state, next, event.jobId);
  }),
  'canceled house tasks go on': mutateEffects((effect) => effect.type === 'cancel-house-task'),
  'a job is done twice': mutateEvents((event) => (event.type === 'job-done' ? [event, event] : [event])),
  'a job is done before it is published': mutateDecision((decision, { command, state }) => {
    if (decision.kind === 'rejected' || command.type !== 'finish-task') return decision;
    if (!command.taskId.endsWith('/assemble') || command.outcome.kind === 'failed') return decision;
    const jobId = state.tasks.get(command.taskId)?.plan.jobId;
    if (jobId === undefined) return decision;
    return { ...decision, events: [...decision.events, { type: 'job-done', v: 1, jobId, iso: command.iso }] };
  }),
  'a job that runs is removed': mutateRefusal((command, reason) =>
    command.type === 'remove-job' && reason === 'job-state'
      ? [{ type: 'job-removed', v: 1, jobId: command.jobId }]
      : null,
  ),
  'a removed job leaves its tasks behind': mutateEvolve((state, event) => {
    const next = trueRules.evolveAll(state, [event]);
    return event.type === 'job-removed' ? { ...next, tasks: state.tasks } : next;
  }),
  'a done job is retried': mutateRefusal((command, reason) =>
    command.type === 'retry-job' && reason === 'job-state'
      ? [{ type: 'job-retried', v: 1, jobId: command.jobId, replan: false }]
      : null,
  ),
  'a retry keeps the failures of before': mutateEvolve((state, event) => {
    const next = trueRules.evolveAll(state, [event]);
    if (event.type !== 'job-retried') return next;
    return keepFailures(state, next, event.jobId);
  }),
  'a retry from scratch starts at attempt 1 again': mutateEvolve((state, event) => {
    const next = trueRules.evolveAll(state, [event]);
    const job = event.type === 'job-retried' ? next.jobs.get(event.jobId) : undefined;
    if (job === undefined) return next;
    return { ...next, jobs: next.jobs.set(job.jobId, { ...job, attemptFloor: 0 }) };
  }),
  'a retry elsewhere goes to the same node': mutateCommand((command) => {
    if (command.type !== 'retry-job') return command;
    const { avoid: _, ...rest } = command;
    return rest;
  }),
  'where a retry shall not go is forgotten at the grant': mutateView((state) => {
    let { tasks } = state;
    for (const [taskId, task] of state.tasks) {
      if (task.avoid !== undefined) tasks = tasks.set(taskId, { ...task, avoid: [] });
    }
    return tasks === state.tasks ? state : { ...state, tasks };
  }),
  'a reopened result is still used': mutateEvolve((state, event) => {
    const next = trueRules.evolveAll(state, [event]);
    if (event.type !== 'task-reopened') return next;
    return keepDependents(state, next, event.taskId);
  }),
  'a bad result is not made again': mutateCommand((command) =>
    command.type === 'reopen-task' ? { ...command, attempt: -1 } : command,
  ),
  'a reopening is never charged': mutateEvents((event) =>
    event.type === 'task-reopened' ? [{ ...event, charged: false }] : [event],
  ),
  'the store is charged to the task': mutateCommand((command) => {
    if (command.type !== 'reopen-task' || errorTable[command.error.code].severity !== 'infrastructure') return command;
    return { ...command, error: { ...command.error, code: 'DECODE_FAILED' } };
  }),
  'house tasks of a dead coordinator are waited for': mutateAway(
    (event) => event.type === 'lease-lost' && event.reason === 'restarted',
  ),
  'a plan lost in a crash is not made again': mutateEvents((event, state, command) => {
    const taskId = 'taskId' in event ? event.taskId : null;
    const isDone = taskId?.endsWith('/probe') && state.tasks.get(taskId)?.phase.kind === 'completed';
    return command.type === 'boot' && isDone ? [] : [event];
  }),
  'the journal forgets cancellations': mutateJournal((event) => event.type === 'job-canceled'),
  'the journal forgets removals': mutateJournal((event) => event.type === 'job-removed'),
  'one job stops the others': mutateView((state) => {
    const failed = [...state.jobs.values()].some(({ phase }) => phase.kind === 'failed');
    return failed ? { ...state, index: { ...state.index, order: emptyIndex.order } } : state;
  }),
};

function restoreQueued(before: SchedulerState, after: SchedulerState, jobId: string): SchedulerState {
  let next = after;
  for (const [taskId, task] of before.tasks) {
    if (task.plan.jobId === jobId && task.phase.kind === 'queued') next = putTask(next, taskId, task);
  }
  return next;
}

function keepFailures(before: SchedulerState, after: SchedulerState, jobId: string): SchedulerState {
  let next = after;
  for (const [taskId, task] of after.tasks) {
    const failures = before.tasks.get(taskId)?.failures ?? 0;
    if (task.plan.jobId === jobId && failures > 0) next = putTask(next, taskId, { ...task, failures });
  }
  return next;
}

function keepDependents(before: SchedulerState, after: SchedulerState, taskId: string): SchedulerState {
  let next = after;
  for (const [dependentId, task] of before.tasks) {
    if (task.plan.dependsOn.some((one) => one === taskId)) next = putTask(next, dependentId, task);
  }
  return next;
}
