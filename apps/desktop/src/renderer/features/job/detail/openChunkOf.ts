import type { AttemptView, JobView } from '@reelmill/protocol';
import { setDetail } from './detailView.ts';

/** The chunk that an attempt is of, with that attempt's log. */
export function openChunkOf(job: JobView, attempt: AttemptView | null): void {
  if (attempt === null) return;
  const { taskId, chunkIndex, rendition } = attempt;
  const picked = { taskId, attempt: attempt.attempt };
  const index = job.chunks.findIndex((one) => one.chunkIndex === chunkIndex && one.rendition === rendition);
  setDetail(index < 0 ? { picked } : { picked, chunk: index, cursor: index });
}
