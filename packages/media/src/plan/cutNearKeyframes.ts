import type { SourceIndex } from '../probe/sourceIndex.ts';
import type { CutInput } from './cutFrames.ts';
import { countUpTo, shortestLeadFrames } from './seekPoint.ts';

/**
 * First frames of all chunks where the user named no length: each cut lies just behind the clean key frame nearest to
 * the target, where the next chunk decodes least before it starts; chunks are half to one and a half targets long.
 * Where there is no such key frame, the cut is at the target itself. `--chunk-seconds` goes to `cutFrames` instead.
 */
export function cutNearKeyframes(input: CutInput, index: SourceIndex): number[] {
  const { pts, timeBase, chunkSeconds, endPts } = input;
  const chunkTicks = (chunkSeconds * timeBase.den) / timeBase.num;
  const places = index.cleanKeyframePts
    .map((keyframe) => countUpTo(pts, keyframe) - 1 + shortestLeadFrames)
    .filter((frame) => frame < pts.length);
  const timeOf = (frame: number) => pts[frame] ?? endPts;
  const placeTimes = places.map(timeOf);
  const cuts = [0];
  for (;;) {
    const previous = cuts.at(-1) ?? 0;
    const start = timeOf(previous);
    if (endPts - start < 1.5 * chunkTicks) return cuts;
    const ideal = start + chunkTicks;
    const latest = Math.min(start + 1.5 * chunkTicks, endPts - chunkTicks / 2);
    const near = nearestPlace(ideal, (frame) => timeOf(frame) >= start + chunkTicks / 2 && timeOf(frame) <= latest);
    const cut = near ?? countUpTo(pts, ideal - 1e-6);
    if (cut <= previous || cut >= pts.length || endPts - timeOf(cut) < chunkTicks / 2) return cuts;
    cuts.push(cut);
  }

  function nearestPlace(wanted: number, allowed: (frame: number) => boolean): number | undefined {
    const after = countUpTo(placeTimes, wanted);
    const distance = (frame: number) => Math.abs(timeOf(frame) - wanted);
    const neighbours = places.slice(Math.max(0, after - 1), after + 1).filter(allowed);
    return neighbours.sort((a, b) => distance(a) - distance(b))[0];
  }
}
