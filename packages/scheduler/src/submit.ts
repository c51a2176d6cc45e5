import { BugError, FarmError, type JobId } from '@reelmill/protocol';
import type { Command } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import { endJobWhenDone } from './jobs.ts';
import type { JobRecord, SchedulerState, TaskPlan } from './model.ts';
import { promiseSpace } from './space.ts';
import { taskOf } from './state.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

export function submitJob(draft: Draft, command: CommandOf<'submit-job'>): RejectionReason | null {
  const { jobId, request, tasks, iso, order } = command;
  if (draft.state.jobs.has(jobId)) return 'duplicate';
  assertSoundPlan(draft.state, jobId, tasks);
  draft.emit({ type: 'job-submitted', v: 1, jobId, request, tasks, iso, ...(order && { order }) });
  return null;
}

/** May come before or after the probe's own result; a second plan is a `duplicate`. */
export function planJob(draft: Draft, command: CommandOf<'plan-job'>): RejectionReason | null {
  const { jobId, plan, tasks, space } = command;
  const job = draft.state.jobs.get(jobId);
  if (job === undefined) return 'unknown-job';
  if (job.phase.kind !== 'active') return 'job-state';
  if (job.plan !== null) return 'duplicate';
  if (command.request !== undefined && command.request !== job.request) return 'stale';
  if (plan === null || plan === undefined) throw new BugError(`plan-job of ${jobId} without a plan`);
  assertSoundPlan(draft.state, jobId, tasks);
  draft.emit({ type: 'job-planned', v: 1, jobId, plan, tasks, ...(space && { space }) });
  promiseSpace(draft, jobId);
  endJobWhenDone(draft, jobId);
  return null;
}

/** The process ended between a probe's result and the plan: the probe runs again, uncharged. */
export function restartedPlanning(draft: Draft, job: JobRecord): void {
  if (job.plan !== null || (draft.state.index.work.get(job.jobId)?.open ?? 0) > 0) return;
  const error = new FarmError('INTERRUPTED').toData();
  for (const taskId of job.taskIds) {
    const { phase } = taskOf(draft.state, taskId);
    if (phase.kind !== 'completed') continue;
    const { attempt } = phase;
    draft.emit({ type: 'task-reopened', v: 1, taskId, attempt, error, charged: false, notBefore: draft.at });
  }
}

function assertSoundPlan(state: SchedulerState, jobId: JobId, tasks: readonly TaskPlan[]): void {
  const known = new Set(tasks.map((task) => task.taskId));
  if (known.size !== tasks.length) throw new BugError(`plan of ${jobId} names a task twice`);
  for (const task of tasks) {
    if (task.jobId !== jobId || state.tasks.has(task.taskId))
      throw new BugError(`${task.taskId} is not new in ${jobId}`);
    if (new Set(task.dependsOn).size !== task.dependsOn.length)
      throw new BugError(`${task.taskId} depends on one task twice`);
    for (const taskId of task.dependsOn) {
      const there = known.has(taskId) || state.tasks.get(taskId)?.plan.jobId === jobId;
      if (!there) throw new BugError(`${task.taskId} depends on ${taskId}, which ${jobId} does not have`);
    }
  }
}
