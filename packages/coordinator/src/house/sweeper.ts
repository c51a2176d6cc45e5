import type { JobId } from '@reelmill/protocol';
import type { JobRecord } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import { crashPoint } from '../crashPoints.ts';
import type { JobRequest } from '../jobRecords.ts';
import type { HouseRunner } from './houseRunner.ts';
import { scratchKeptUntil } from './scratchRetention.ts';
import { sweepJob } from './sweep.ts';

/** Sweeps ended jobs one after another, off everybody's way. */
export interface Sweeper {
  /** The request of a job that is about to be removed: its record will be gone when the sweep runs. */
  noteRemoval(jobId: JobId, request: JobRequest): void;
  sweep(jobId: JobId, keepSegments: boolean): void;
  /** Room is short: finished chunks of jobs that are done go now, before their time. */
  giveBack(): void;
  /** Resolves once everything asked for so far is done. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const retentionPassMs = 10 * 60_000;

/** Makes the sweeper of one coordinator; `onSwept`: there is more room now. */
export function createSweeper(context: CoreContext, house: HouseRunner, onSwept: () => void = () => {}): Sweeper {
  const removed = new Map<JobId, JobRequest>();
  const retained = new Set<JobId>();
  let tail: Promise<void> = Promise.resolve();
  let closed = false;
  const jobOf = (jobId: JobId): JobRecord | undefined => context.dispatcher.state().jobs.get(jobId);
  const isKept = (job: JobRecord): boolean => {
    const until = scratchKeptUntil(job, job.request as JobRequest, context.segmentRetentionMs);
    return until !== null && Date.now() < Date.parse(until);
  };

  const sweepOnce = async (jobId: JobId, { keepSegments, early }: SweepOrder): Promise<void> => {
    if (closed) return;
    await house.idle(jobId);
    const job = jobOf(jobId);
    // Retried meanwhile: what it left is in use again. Or swept by an earlier process.
    if (job?.phase.kind === 'active' || job?.scratchRemovedAtIso !== undefined) return;
    const isGone = job === undefined;
    const request = (job?.request as JobRequest | undefined) ?? removed.get(jobId) ?? null;
    const isRetained = job !== undefined && !early && isKept(job);
    const keep = keepSegments ? 'parts' : isRetained ? 'segments' : 'nothing';
    crashPoint('scratch-removed', 'before');
    await sweepJob(context, { jobId, request, removed: isGone, keep });
    crashPoint('scratch-removed', 'after');
    if (isGone) removed.delete(jobId);
    else if (isRetained) retained.add(jobId);
    else if (keep === 'nothing') await context.dispatcher.run({ type: 'note-scratch-removed', jobId });
    if (keep === 'nothing') onSwept();
  };
  const enqueue = (jobId: JobId, order: SweepOrder): void => {
    tail = tail
      .then(() => sweepOnce(jobId, order))
      .catch((cause) =>
        context.logger.warn({ err: cause, jobId }, 'scratch could not be swept; tried again at the next start'),
      );
  };

  const release = (early: boolean): void => {
    for (const jobId of retained) {
      const job = jobOf(jobId);
      if (job !== undefined && !early && isKept(job)) continue;
      retained.delete(jobId);
      if (job !== undefined) enqueue(jobId, { keepSegments: false, early });
    }
  };
  const timer = setInterval(() => release(false), retentionPassMs);
  timer.unref();

  return {
    noteRemoval: (jobId, request) => void removed.set(jobId, request),
    sweep: (jobId, keepSegments) => enqueue(jobId, { keepSegments, early: false }),
    giveBack: () => release(true),
    idle: () => tail,
    async close() {
      closed = true;
      clearInterval(timer);
      await tail;
    },
  };
}

interface SweepOrder {
  readonly keepSegments: boolean;
  /** Before its retention is over. */
  readonly early: boolean;
}
