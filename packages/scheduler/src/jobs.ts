import type { ErrorData, JobId, NodeId, TaskId } from '@reelmill/protocol';
import type { Command } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import { jobOf, leaseOf, taskOf } from './state.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** Gives a task up, and with it its job. `nodeId`: whose failure was the last; absent where no node is to blame. */
export function failTask(
  draft: Draft,
  failed: { readonly taskId: TaskId; readonly nodeId?: NodeId | 'house'; readonly error: ErrorData },
): void {
  const { taskId, nodeId, error } = failed;
  const task = taskOf(draft.state, taskId);
  const { jobId } = task.plan;
  const attempt = leaseOf(task)?.attempt ?? task.attempts;
  draft.emit({ type: 'task-failed', v: 1, taskId, attempt, ...(nodeId && { nodeId }), error });
  failJob(draft, { jobId, taskId, error });
}

/** Ends the job because of this task; its other attempts are stopped. */
export function failJob(draft: Draft, failed: { jobId: JobId; taskId: TaskId; error: ErrorData }): void {
  const { jobId, taskId, error } = failed;
  draft.stopJob(jobId);
  draft.emit({ type: 'job-failed', v: 1, jobId, taskId, error, iso: draft.iso });
  draft.effect({ type: 'sweep-job', jobId, keepSegments: true });
}

/** A planned job whose last task completed is done. */
export function endJobWhenDone(draft: Draft, jobId: JobId): void {
  const job = jobOf(draft.state, jobId);
  const open = draft.state.index.work.get(jobId)?.open ?? 0;
  if (job.phase.kind !== 'active' || job.plan === null || open > 0) return;
  draft.emit({ type: 'job-done', v: 1, jobId, iso: draft.iso });
  draft.effect({ type: 'sweep-job', jobId, keepSegments: false });
}

export function cancelJob(draft: Draft, { jobId }: CommandOf<'cancel-job'>): RejectionReason | null {
  const job = draft.state.jobs.get(jobId);
  if (job === undefined) return 'unknown-job';
  if (job.phase.kind !== 'active') return 'job-state';
  draft.stopJob(jobId);
  draft.emit({ type: 'job-canceled', v: 1, jobId, iso: draft.iso });
  draft.effect({ type: 'sweep-job', jobId, keepSegments: true });
  return null;
}

/** Finished chunks go: a later retry starts from the plan. */
export function giveUpJob(draft: Draft, { jobId }: CommandOf<'give-up-job'>): RejectionReason | null {
  const job = draft.state.jobs.get(jobId);
  if (job === undefined || job.discarded) return 'unknown-job';
  if (job.phase.kind !== 'failed' || job.givenUp === true) return 'job-state';
  draft.emit({ type: 'job-given-up', v: 1, jobId, iso: draft.iso });
  draft.effect({ type: 'sweep-job', jobId, keepSegments: false });
  return null;
}

/** A changed source makes the old plan and its chunks worthless: such a job starts from its probe again. */
export function retryJob(draft: Draft, command: CommandOf<'retry-job'>): RejectionReason | null {
  const job = draft.state.jobs.get(command.jobId);
  if (job === undefined || job.discarded) return 'unknown-job';
  if (job.phase.kind !== 'failed' && job.phase.kind !== 'canceled') return 'job-state';
  const sourceChanged = job.phase.kind === 'failed' && job.phase.error.code === 'SOURCE_CHANGED';
  const replan = command.replan === true || sourceChanged || job.givenUp === true;
  const { avoid } = command;
  draft.emit({ type: 'job-retried', v: 1, jobId: command.jobId, replan, ...(avoid && { avoid }) });
  endJobWhenDone(draft, command.jobId);
  return null;
}

/** Only ended jobs can be removed: their scratch goes with them. */
export function removeJob(draft: Draft, { jobId, onlyDiscarded }: CommandOf<'remove-job'>): RejectionReason | null {
  const job = draft.state.jobs.get(jobId);
  if (job === undefined || (onlyDiscarded && !job.discarded)) return 'unknown-job';
  if (job.phase.kind === 'active') return 'job-state';
  draft.emit({ type: 'job-removed', v: 1, jobId });
  draft.effect({ type: 'sweep-job', jobId, keepSegments: false });
  return null;
}

/** Told again after a restart, once is enough; a job that runs again has new scratch. */
export function noteScratchRemoved(
  draft: Draft,
  { jobId, iso }: CommandOf<'note-scratch-removed'>,
): RejectionReason | null {
  const job = draft.state.jobs.get(jobId);
  if (job === undefined) return 'unknown-job';
  if (job.phase.kind === 'active') return 'job-state';
  if (job.scratchRemovedAtIso !== undefined) return 'duplicate';
  draft.emit({ type: 'scratch-removed', v: 1, jobId, iso });
  return null;
}

/** Refused for an ended job: its publish task must not put a file anywhere. A file that is already there is recorded. */
export function noteOutput(draft: Draft, { jobId, output }: CommandOf<'note-output'>): RejectionReason | null {
  const job = draft.state.jobs.get(jobId);
  if (job === undefined) return 'unknown-job';
  const announced = job.outputs.some(({ rendition, path }) => rendition === output.rendition && path === output.path);
  if (job.phase.kind !== 'active' && !(output.state === 'published' && announced)) return 'job-state';
  draft.emit({ type: 'output-noted', v: 1, jobId, output });
  return null;
}
