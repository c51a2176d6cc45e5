import type { Command } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import type { DurableEvent } from './event.ts';
import type { JobRecord } from './model.ts';

/** Keeps what was promised of a finished job beside what it took: once, and only of one that ended well. */
export function noteForecast(
  draft: Draft,
  { jobId, forecast }: Extract<Command, { type: 'note-forecast' }>,
): RejectionReason | null {
  const job = draft.state.jobs.get(jobId);
  if (job === undefined) return 'unknown-job';
  if (job.phase.kind !== 'done') return 'job-state';
  if (job.forecast !== undefined) return 'duplicate';
  draft.emit({ type: 'forecast-noted', v: 1, jobId, forecast });
  return null;
}

export const withForecast = (
  job: JobRecord,
  { forecast }: Extract<DurableEvent, { type: 'forecast-noted' }>,
): JobRecord => ({ ...job, forecast });
