import type { JobRecord } from '@reelmill/scheduler';
import type { JobRequest } from '../jobRecords.ts';

/** How long finished chunks of the job stay after its end. */
export const retentionMsOf = ({ keepScratchMs }: Pick<JobRequest, 'keepScratchMs'>, defaultMs: number): number =>
  keepScratchMs ?? defaultMs;

/** Until when the finished chunks of a job that is done stay, ISO 8601; null: they are needed still, or gone. */
export function scratchKeptUntil(
  { phase, finishedAtIso, scratchRemovedAtIso }: JobRecord,
  request: Pick<JobRequest, 'keepScratchMs'>,
  defaultMs: number,
): string | null {
  const retentionMs = retentionMsOf(request, defaultMs);
  const isKept = phase.kind === 'done' && scratchRemovedAtIso === undefined && retentionMs > 0;
  if (!isKept || finishedAtIso === null) return null;
  return new Date(Date.parse(finishedAtIso) + retentionMs).toISOString();
}
