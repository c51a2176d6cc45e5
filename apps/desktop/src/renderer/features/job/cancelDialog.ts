import type { JobView } from '@reelmill/protocol';
import { create } from 'zustand';
import { cancelJob } from '../../store/jobActions.ts';

/** A cancelled job loses this much finished work only after a question. */
const askFromSeconds = 5 * 60;

export const useCancelDialog = create<{ readonly job: JobView | null; readonly minutes: number }>()(() => ({
  job: null,
  minutes: 0,
}));

/** Seconds of encoding that a cancel would throw away, over all nodes. */
export function finishedWorkSeconds(job: JobView): number {
  return job.chunks
    .filter((chunk) => chunk.state === 'verified' && chunk.fps > 0)
    .reduce((sum, chunk) => sum + (chunk.endFrame - chunk.firstFrame) / chunk.fps, 0);
}

export function requestCancel(job: JobView): void {
  const seconds = finishedWorkSeconds(job);
  if (seconds <= askFromSeconds) cancelJob(job.jobId);
  else useCancelDialog.setState({ job, minutes: Math.round(seconds / 60) });
}
