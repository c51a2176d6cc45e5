import type { CoreParts } from './farmCore.ts';
import { removeIfDiscarded } from './jobDesk.ts';

/** How long a discarded job can be brought back. */
const removalGraceMs = 60 * 60_000;
const passMs = 60_000;

/** Removes for good what was discarded and whose grace is over; what an earlier process discarded too. */
export async function removeDiscarded(parts: CoreParts, graceMs: number): Promise<void> {
  const { dispatcher, logger } = parts.context;
  const dueMs = Date.now() - graceMs;
  for (const { jobId, discarded } of dispatcher.state().jobs.values()) {
    if (discarded === undefined || Date.parse(discarded.iso) > dueMs) continue;
    await removeIfDiscarded(parts, jobId).catch((cause) => logger.warn({ err: cause, jobId }, 'not removed'));
  }
}

/** Returns the way to stop. */
export function startRemovals(parts: CoreParts): () => void {
  const timer = setInterval(() => void removeDiscarded(parts, removalGraceMs), passMs);
  timer.unref();
  return () => clearInterval(timer);
}
