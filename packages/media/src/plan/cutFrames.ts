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
  const chunkTicks = (chunkSeconds * timeBase.den) / timeBase.num;
  const cuts = [0];
  for (let n = 1; start + n * chunkTicks < endPts; n += 1) {
    const frame = countUpTo(pts, start + n * chunkTicks - 1e-6);
    if (frame > (cuts.at(-1) ?? 0) && frame < pts.length) cuts.push(frame);
  }
  const lastStart = pts[cuts.at(-1) ?? 0] ?? 0;
  if (cuts.length > 1 && endPts - lastStart < chunkTicks / 2) cuts.pop();
  return cuts;
}
