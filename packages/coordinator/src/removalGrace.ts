import { FarmError } from '@reelmill/protocol';
import type { CoreParts } from './farmCore.ts';
import { removeJob } from './jobDesk.ts';

/** How long a discarded job can be brought back. */
const removalGraceMs = 60 * 60_000;
const passMs = 60_000;

/** Removes for good what was discarded and whose grace is over; what an earlier process discarded too. */
export async function removeDiscarded(parts: CoreParts, graceMs: number): Promise<void> {
  const { dispatcher, logger } = parts.context;
  const dueMs = Date.now() - graceMs;
  for (const { jobId, discarded } of dispatcher.state().jobs.values()) {
    if (discarded === undefined || Date.parse(discarded.iso) > dueMs) continue;
    // brought back, or removed by somebody else, in this very moment
    await removeJob(parts, jobId).catch((cause) => {
      if (!(cause instanceof FarmError && cause.code === 'NOT_FOUND'))
        logger.warn({ err: cause, jobId }, 'not removed');
    });
  }
}

/** Returns the way to stop. */
export function startRemovals(parts: CoreParts): () => void {
  const timer = setInterval(() => void removeDiscarded(parts, removalGraceMs), passMs);
  timer.unref();
  return () => clearInterval(timer);
}
