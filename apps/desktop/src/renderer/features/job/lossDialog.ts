import type { JobView } from '@reelmill/protocol';
import { create } from 'zustand';
import { cancelJob, giveUpJobs } from '../../store/jobActions.ts';

/** Finished work up to this much goes without a question. */
const askFromSeconds = 5 * 60;

/** What would be thrown away, and the two answers. */
export interface LossQuestion {
  readonly title: string;
  readonly text: string;
  readonly loseLabel: string;
  readonly keepLabel: string;
  lose(): void;
}

export const useLossDialog = create<{ readonly question: LossQuestion | null }>()(() => ({ question: null }));

/** Seconds of encoding that would be thrown away with a job, over all nodes. */
export function finishedWorkSeconds(job: Pick<JobView, 'chunks'>): number {
  return job.chunks
    .filter((chunk) => chunk.state === 'verified' && chunk.fps > 0)
    .reduce((sum, chunk) => sum + (chunk.endFrame - chunk.firstFrame) / chunk.fps, 0);
}

function lossText(jobs: readonly JobView[], seconds: number): string {
  const chunks = jobs.reduce((sum, job) => sum + job.chunksDone, 0);
  return `${chunks} finished chunks, about ${Math.round(seconds / 60)} min of encoding, will be thrown away.`;
}

function askOrLose(jobs: readonly JobView[], question: Omit<LossQuestion, 'text'>): void {
  const seconds = jobs.reduce((sum, job) => sum + finishedWorkSeconds(job), 0);
  if (seconds <= askFromSeconds) question.lose();
  else useLossDialog.setState({ question: { ...question, text: lossText(jobs, seconds) } });
}

const named = (jobs: readonly JobView[]): string => (jobs.length === 1 ? (jobs[0]?.name ?? '') : `${jobs.length} jobs`);

export function requestCancel(job: JobView): void {
  askOrLose([job], {
    title: `Cancel ${job.name}?`,
    loseLabel: 'Cancel job',
    keepLabel: 'Keep rendering',
    lose: () => cancelJob(job.jobId),
  });
}

export function requestGiveUp(jobs: readonly JobView[]): void {
  askOrLose(jobs, {
    title: `Give up ${named(jobs)}?`,
    loseLabel: 'Give up',
    keepLabel: 'Keep for a retry',
    lose: () => giveUpJobs(jobs.map(({ jobId }) => jobId)),
  });
}
