import type { JobId } from '@reelmill/protocol';
import type { CoreContext } from '../coreContext.ts';
import { crashPoint } from '../crashPoints.ts';
import type { JobRequest } from '../jobRecords.ts';
import type { HouseRunner } from './houseRunner.ts';
import { sweepJob } from './sweep.ts';

/** Sweeps ended jobs one after another, off everybody's way. */
export interface Sweeper {
  /** The request of a job that is about to be removed: its record will be gone when the sweep runs. */
  noteRemoval(jobId: JobId, request: JobRequest): void;
  sweep(jobId: JobId, keepSegments: boolean): void;
  /** Resolves once everything asked for so far is done. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const retentionPassMs = 10 * 60_000;

/** Makes the sweeper of one coordinator; `retentionPass` also runs from time to time. */
export function createSweeper(context: CoreContext, house: HouseRunner): Sweeper {
  const removed = new Map<JobId, JobRequest>();
  let tail: Promise<void> = Promise.resolve();
  let closed = false;

  const sweepOnce = async (jobId: JobId, keepSegments: boolean): Promise<void> => {
    if (closed) return;
    await house.idle(jobId);
    const job = context.dispatcher.state().jobs.get(jobId);
    // Retried meanwhile: what it left is in use again.
    if (job?.phase.kind === 'active') return;
    const isGone = job === undefined;
    const request = (job?.request as JobRequest | undefined) ?? removed.get(jobId) ?? null;
    const isRetained = job?.phase.kind === 'done' && !isOver(job.finishedAtIso, context.segmentRetentionMs);
    const keep = keepSegments ? 'parts' : isRetained ? 'segments' : 'nothing';
    crashPoint('scratch-removed', 'before');
    await sweepJob(context, { jobId, request, removed: isGone, keep });
    crashPoint('scratch-removed', 'after');
    if (isGone) removed.delete(jobId);
  };
  const enqueue = (jobId: JobId, keepSegments: boolean): void => {
    tail = tail
      .then(() => sweepOnce(jobId, keepSegments))
      .catch((cause) =>
        context.logger.warn({ err: cause, jobId }, 'scratch could not be swept; tried again at the next start'),
      );
  };

  const retained = new Set<JobId>();
  const pass = (): void => {
    for (const jobId of retained) {
      const job = context.dispatcher.state().jobs.get(jobId);
      if (job !== undefined && !isOver(job.finishedAtIso, context.segmentRetentionMs)) continue;
      retained.delete(jobId);
      if (job !== undefined) enqueue(jobId, false);
    }
  };
  const timer = setInterval(pass, retentionPassMs);
  timer.unref();

  return {
    noteRemoval: (jobId, request) => void removed.set(jobId, request),
    sweep(jobId, keepSegments) {
      if (!keepSegments && context.segmentRetentionMs > 0) retained.add(jobId);
      enqueue(jobId, keepSegments);
    },
    idle: () => tail,
    async close() {
      closed = true;
      clearInterval(timer);
      await tail;
    },
  };
}

const isOver = (finishedAtIso: string | null, retentionMs: number): boolean =>
  finishedAtIso === null || Date.now() - Date.parse(finishedAtIso) >= retentionMs;
