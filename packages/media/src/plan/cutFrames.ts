import type { Rational } from '../manifest.ts';
import { countUpTo } from './seekPoint.ts';

export interface CutInput {
  /** Ascending presentation times, ticks of `timeBase`. */
  readonly pts: readonly number[];
  readonly timeBase: Rational;
  /** Target length of a chunk. */
  readonly chunkSeconds: number;
  /** End of the last frame, ticks. */
  readonly endPts: number;
}

/**
 * First frames of all chunks, ascending, beginning with 0: a cut before the first frame at or after each multiple of
 * the target. Gaps longer than a chunk make no empty chunk; a last chunk shorter than half the target joins its
 * neighbour.
 */
export function cutFrames({ pts, timeBase, chunkSeconds, endPts }: CutInput): number[] {
  const start = pts[0] ?? 0;
  // below one tick every frame is a chunk anyway, and the sums would stand still
  const chunkTicks = Math.max(1, (chunkSeconds * timeBase.den) / timeBase.num);
  const cuts = [0];
  for (let n = 1; start + n * chunkTicks < endPts; ) {
    const frame = countUpTo(pts, start + n * chunkTicks - 1e-6);
    if (frame >= pts.length) break;
    if (frame > (cuts.at(-1) ?? 0)) cuts.push(frame);
    // on to the first multiple that is not before this frame: a gap of years costs one step, not one per target
    n = Math.max(n + 1, Math.floor(((pts[frame] ?? endPts) - start) / chunkTicks));
  }
  const lastStart = pts[cuts.at(-1) ?? 0] ?? 0;
  if (cuts.length > 1 && endPts - lastStart < chunkTicks / 2) cuts.pop();
  return cuts;
}
