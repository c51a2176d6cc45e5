import type { Command } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import { retryJob } from './jobs.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** The job leaves the list, whatever it does; its finished chunks, rank and sequence stay with its record. */
export function discardJob(draft: Draft, { jobId }: CommandOf<'discard-job'>): RejectionReason | null {
  const job = draft.state.jobs.get(jobId);
  if (job === undefined || job.discarded) return 'unknown-job';
  const stopped = job.phase.kind === 'active';
  if (stopped) {
    draft.stopJob(jobId);
    draft.emit({ type: 'job-canceled', v: 1, jobId, iso: draft.iso });
    draft.effect({ type: 'sweep-job', jobId, keepSegments: true });
  }
  draft.emit({ type: 'job-discarded', v: 1, jobId, iso: draft.iso, stopped });
  return null;
}

/** Back at its place: rank and priority never left the record. */
export function restoreJob(draft: Draft, command: CommandOf<'restore-job'>): RejectionReason | null {
  const { jobId } = command;
  const job = draft.state.jobs.get(jobId);
  if (job?.discarded === undefined) return 'unknown-job';
  draft.emit({ type: 'job-restored', v: 1, jobId });
  return job.discarded.stopped ? retryJob(draft, { ...command, type: 'retry-job' }) : null;
}

/** Only while nothing of the job was handed to a node: what is encoded belongs to what was asked for. */
export function changeRequest(draft: Draft, command: CommandOf<'change-request'>): RejectionReason | null {
  const { jobId, request } = command;
  const job = draft.state.jobs.get(jobId);
  if (job === undefined || job.discarded) return 'unknown-job';
  if (job.phase.kind !== 'active') return 'job-state';
  if (draft.state.index.work.get(jobId)?.begun) return 'begun';
  // whoever reads the source for a plan now reads it for the old request
  const replan = command.replan || job.plan === null;
  if (replan) draft.stopJob(jobId);
  draft.emit({ type: 'job-request-changed', v: 1, jobId, request, replan });
  return null;
}
