import type { SourceIndex } from '../probe/sourceIndex.ts';
import { countUpTo, shortestLeadFrames } from './seekPoint.ts';

/** How far a cut may move, as a share of the distance to its neighbours: chunks stay comparable in size. */
const longestMoveShare = 1 / 3;

/**
 * Moves cuts to just behind the nearest clean key frame, where a chunk decodes least before it starts. Only for cuts
 * the user did not ask for: `--chunk-seconds` is honoured to the frame.
 */
export function snapCuts(cuts: readonly number[], index: SourceIndex): number[] {
  const places = index.cleanKeyframePts.map((pts) => countUpTo(index.pts, pts) - 1 + shortestLeadFrames);
  return cuts.map((cut, at) => {
    if (at === 0) return cut;
    const previous = cuts[at - 1] ?? 0;
    const next = cuts[at + 1] ?? index.pts.length;
    const reach = Math.min(cut - previous, next - cut) * longestMoveShare;
    const after = countUpTo(places, cut);
    const nearest = [places[after - 1], places[after]]
      .filter((place) => place !== undefined)
      .sort((a, b) => Math.abs(a - cut) - Math.abs(b - cut))[0];
    return nearest !== undefined && Math.abs(nearest - cut) < reach ? nearest : cut;
  });
}
