import type { Chunk } from '../manifest.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { deltaRuns } from './deltaRuns.ts';
import { seekKeyframePts } from './seekPoint.ts';

/** Half a millisecond past the key frame: beyond any container's rounding, before any next frame. */
const seekSlackSeconds = 0.0005;

/** Turns first frames (from `cutFrames`) into chunks: ranges, where to seek, where to trim, planned times. */
export function planChunks(info: MediaInfo, index: SourceIndex, cuts: readonly number[]): Chunk[] {
  return cuts.map((first, chunkIndex) => {
    const end = cuts[chunkIndex + 1] ?? index.pts.length;
    const firstPts = ptsOf(index, first);
    const endPts = end < index.pts.length ? ptsOf(index, end) : endOfLastFrame(index, info);
    return {
      index: chunkIndex,
      first,
      end,
      seekSeconds: seekSeconds(info, index, first),
      trimStartPts: first === 0 ? null : midpoint(index, first),
      trimEndPts: end === index.pts.length ? null : midpoint(index, end),
      firstPts,
      durationTicks: Math.max(1, endPts - firstPts),
      deltas: deltaRuns(index.pts.slice(first, end)),
    };
  });
}

/** Where the last frame ends, ticks: as the container says, else as long as the frame before it. */
export function endOfLastFrame(index: SourceIndex, info: MediaInfo): number {
  const last = index.pts.length - 1;
  const { num, den } = info.video.timeBase;
  const oneByRate = Math.round(den / num / (info.video.averageFrameRate ?? 25));
  const before = last > 0 ? ptsOf(index, last) - ptsOf(index, last - 1) : oneByRate;
  const stated = index.lastFrameTicks > 0 ? index.lastFrameTicks : before;
  return ptsOf(index, last) + Math.max(1, stated);
}

/** `-ss` for a stretch that begins with frame `first`; null: read from the start. */
export function seekSeconds(info: MediaInfo, index: SourceIndex, first: number): number | null {
  if (first === 0) return null;
  const keyframe = seekKeyframePts(index, first);
  if (keyframe === null) return null;
  const { num, den } = info.video.timeBase;
  const seconds = (keyframe * num) / den - info.containerStartSeconds + seekSlackSeconds;
  return seconds > seekSlackSeconds ? Math.round(seconds * 1e6) / 1e6 : null;
}

/** Between two frames, so that a decoder that moves a timestamp by a rounding does not move the cut. */
function midpoint(index: SourceIndex, frame: number): number {
  return Math.ceil((ptsOf(index, frame - 1) + ptsOf(index, frame)) / 2);
}

const ptsOf = (index: SourceIndex, frame: number) => index.pts[frame] ?? 0;
