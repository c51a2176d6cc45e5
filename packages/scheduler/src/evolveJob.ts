import type { JobId, TaskId } from '@reelmill/protocol';
import type { DurableEvent } from './event.ts';
import { withForecast } from './forecast.ts';
import { emptyWork, putNewTasks, putTask } from './jobIndex.ts';
import { defaultOrder } from './jobOrder.ts';
import type { JobPhase, JobRecord, SchedulerState, TaskPlan, TaskState } from './model.ts';
import { countSpace } from './spaceIndex.ts';
import { jobOf, taskOf } from './state.ts';

type EventOf<T extends DurableEvent['type']> = Extract<DurableEvent, { type: T }>;

export function submitJob(state: SchedulerState, event: EventOf<'job-submitted'>): SchedulerState {
  const job: JobRecord = {
    jobId: event.jobId,
    sequence: state.nextSequence,
    order: { ...defaultOrder, ...event.order, rank: state.nextRank },
    request: event.request,
    plan: null,
    phase: { kind: 'active' },
    taskIds: [],
    attemptFloor: 0,
    outputs: [],
    submittedAtIso: event.iso,
    finishedAtIso: null,
  };
  const counted = { ...state, nextSequence: state.nextSequence + 1, nextRank: state.nextRank + 1 };
  return addTasks(counted, job, event.tasks);
}

export function addPlannedTasks(state: SchedulerState, event: EventOf<'job-planned'>): SchedulerState {
  const job = jobOf(state, event.jobId);
  const { plan, space } = event;
  return addTasks(state, { ...job, plan, ...(space && { space }) }, event.tasks);
}

export const noteScratchRemoved = (state: SchedulerState, { jobId, iso }: EventOf<'scratch-removed'>): SchedulerState =>
  putJob(state, { ...jobOf(state, jobId), scratchRemovedAtIso: iso });

export function noteOutput(state: SchedulerState, event: EventOf<'output-noted'>): SchedulerState {
  const job = jobOf(state, event.jobId);
  const others = job.outputs.filter((output) => output.rendition !== event.output.rendition);
  return putJob(state, { ...job, outputs: [...others, event.output] });
}

export const noteForecast = (state: SchedulerState, event: EventOf<'forecast-noted'>): SchedulerState =>
  putJob(state, withForecast(jobOf(state, event.jobId), event));

/**
 * The job leaves the queue: what was not finished is canceled, what was finished stays for a retry. The farm pauses
 * behind it where it was told to.
 */
export function endJob(
  state: SchedulerState,
  jobId: JobId,
  end: { readonly phase: JobPhase; readonly iso: string },
): SchedulerState {
  const job = jobOf(state, jobId);
  let next = putJob(state, { ...job, phase: end.phase, finishedAtIso: end.iso });
  if (state.gate.stopAfter === jobId) next = { ...next, gate: { paused: true, stopAfter: null } };
  for (const taskId of job.taskIds) {
    const task = taskOf(next, taskId);
    if (task.phase.kind === 'completed' || task.phase.kind === 'failed') continue;
    next = putTask(next, taskId, { ...task, phase: { kind: 'canceled' } });
  }
  return next;
}

export function retryJob(state: SchedulerState, event: EventOf<'job-retried'>): SchedulerState {
  const active = reactivate(state, event.jobId);
  if (event.replan) return resetTasks(dropPlan(active, event.jobId), event.jobId, () => true);
  const reset = resetTasks(active, event.jobId, (task) => task.phase.kind !== 'completed');
  const { avoid } = event;
  const task = avoid === undefined ? undefined : reset.tasks.get(avoid.taskId);
  if (avoid === undefined || task === undefined) return reset;
  return putTask(reset, avoid.taskId, { ...task, avoid: avoid.nodeIds });
}

export function giveUpJob(state: SchedulerState, jobId: JobId): SchedulerState {
  return putJob(state, { ...jobOf(state, jobId), givenUp: true });
}

export function removeJob(state: SchedulerState, jobId: JobId): SchedulerState {
  let next = state;
  for (const taskId of jobOf(state, jobId).taskIds) next = putTask(next, taskId, null);
  const index = { ...next.index, work: next.index.work.delete(jobId) };
  return countSpace(next, { ...next, jobs: next.jobs.delete(jobId), index }, jobId);
}

export function discardJob(state: SchedulerState, { jobId, iso, stopped }: EventOf<'job-discarded'>): SchedulerState {
  return putJob(state, { ...jobOf(state, jobId), discarded: { iso, stopped } });
}

export function restoreJob(state: SchedulerState, jobId: JobId): SchedulerState {
  const { discarded: _, ...job } = jobOf(state, jobId);
  return putJob(state, job);
}

/** What waits or runs for the old request starts anew; numbers of attempts go on. */
export function changeRequest(state: SchedulerState, event: EventOf<'job-request-changed'>): SchedulerState {
  const { jobId, request } = event;
  const changed = putJob(state, { ...jobOf(state, jobId), request });
  if (!event.replan) return changed;
  return resetTasks(dropPlan(changed, jobId), jobId, () => true);
}

function putJob(state: SchedulerState, job: JobRecord): SchedulerState {
  return countSpace(state, { ...state, jobs: state.jobs.set(job.jobId, job) }, job.jobId);
}

function reactivate(state: SchedulerState, jobId: JobId): SchedulerState {
  const { givenUp: _, scratchRemovedAtIso: __, ...job } = jobOf(state, jobId);
  const active = putJob(state, { ...job, phase: { kind: 'active' }, finishedAtIso: null });
  const work = { ...(state.index.work.get(jobId) ?? emptyWork), blame: new Map() };
  return { ...active, index: { ...active.index, work: active.index.work.set(jobId, work) } };
}

function resetTasks(state: SchedulerState, jobId: JobId, isReset: (task: TaskState) => boolean): SchedulerState {
  const tasks = jobOf(state, jobId).taskIds.map((taskId) => taskOf(state, taskId));
  const reset = new Set(tasks.filter(isReset).map((task) => task.plan.taskId));
  let next = state;
  for (const task of tasks) {
    if (!reset.has(task.plan.taskId)) continue;
    const openDependencies = task.plan.dependsOn.filter((taskId) => reset.has(taskId)).length;
    next = putTask(next, task.plan.taskId, { ...freshTask(task.plan, openDependencies), attempts: task.attempts });
  }
  return next;
}

/** Keeps only what was there before the plan: the probe makes a new one. */
function dropPlan(state: SchedulerState, jobId: JobId): SchedulerState {
  const job = jobOf(state, jobId);
  const tasks = job.taskIds.map((taskId) => taskOf(state, taskId));
  const dropped = tasks.filter((task) => task.plan.kind !== 'probe');
  const floor = dropped.reduce((highest, task) => Math.max(highest, task.attempts), job.attemptFloor);
  let next = state;
  for (const task of dropped) next = putTask(next, task.plan.taskId, null);
  const taskIds = job.taskIds.filter((taskId) => next.tasks.has(taskId));
  const work = next.index.work.get(jobId) ?? emptyWork;
  next = putJob(next, { ...job, taskIds, plan: null, outputs: [], attemptFloor: floor });
  const waste = { begun: false, chunks: 0, chunkSeconds: 0, backupSeconds: 0 };
  const stripped = { ...work, ...waste, dependents: new Map<TaskId, TaskId[]>(), classes: new Set<string | null>() };
  return countSpace(next, { ...next, index: { ...next.index, work: next.index.work.set(jobId, stripped) } }, jobId);
}

/** `job` is new, or in place of the one of its id, and has these tasks as well. */
function addTasks(state: SchedulerState, job: JobRecord, plans: readonly TaskPlan[]): SchedulerState {
  const { jobId } = job;
  const work = state.index.work.get(jobId) ?? emptyWork;
  const dependents = new Map<TaskId, readonly TaskId[]>(work.dependents);
  const classes = new Set(work.classes);
  let { chunks, chunkSeconds } = work;
  for (const plan of plans) {
    if (plan.chunkIndex !== null) {
      chunks += 1;
      chunkSeconds += plan.costSeconds;
    }
    if (plan.place === 'farm') classes.add(plan.toolchainClass);
    for (const taskId of plan.dependsOn) dependents.set(taskId, [...(dependents.get(taskId) ?? []), plan.taskId]);
  }
  const next = putJob(state, { ...job, taskIds: [...job.taskIds, ...plans.map((plan) => plan.taskId)] });
  const isOpen = (taskId: TaskId): boolean => state.tasks.get(taskId)?.phase.kind !== 'completed';
  const fresh = plans.map((plan) => freshTask(plan, plan.dependsOn.filter(isOpen).length));
  return putNewTasks(
    next,
    fresh.map((task) => ({ ...task, attempts: job.attemptFloor })),
    { jobId, work: { ...work, dependents, classes, chunks, chunkSeconds } },
  );
}

function freshTask(plan: TaskPlan, openDependencies: number): TaskState {
  return {
    plan,
    phase: openDependencies > 0 ? { kind: 'blocked' } : { kind: 'queued', notBefore: 0 },
    attempts: 0,
    failures: 0,
    losses: 0,
    failedOn: [],
    openDependencies,
  };
}
