import { FarmError, type TrackFate } from '@reelmill/protocol';
import { plannedTicks } from '../assemble/joinTimeline.ts';
import type { FilmManifest, Rational, ResolvedVideo } from '../manifest.ts';
import { type CutInput, cutFrames } from './cutFrames.ts';
import { countUpTo } from './seekPoint.ts';

/**
 * First frames of all segments of a package, ascending, beginning with 0. Where every frame lasts about as long as the
 * average, segments have equal numbers of frames; else each begins with the first frame at or after a multiple of the
 * length. Pure, and the same for every rendition of a job: they have the same frames.
 */
export function segmentStarts(
  { pts, timeBase, endPts }: Omit<CutInput, 'chunkSeconds'>,
  segmentSeconds: number,
): number[] {
  const frameTicks = steadyFrameTicks(pts);
  if (frameTicks === null) return cutFrames({ pts, timeBase, endPts, chunkSeconds: segmentSeconds });
  const frames = framesOf(segmentSeconds, frameTicks, timeBase);
  return Array.from({ length: Math.ceil(pts.length / frames) }, (_, at) => at * frames);
}

const framesOf = (seconds: number, frameTicks: number, { num, den }: Rational): number =>
  Math.max(1, Math.round((seconds * den) / num / frameTicks));

/** Ticks of a frame where every frame lasts about as long as the average; else null. */
export function steadyFrameTicks(times: readonly number[]): number | null {
  const average = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1);
  const slackTicks = Math.max(1, average * 0.02);
  const isSteady = times.every((time, at) => at === 0 || Math.abs(time - (times[at - 1] ?? 0) - average) <= slackTicks);
  return isSteady && average > 0 ? average : null;
}

/** Moves each cut to the nearest segment start: every segment lies within one chunk. */
export function cutAtSegments(cuts: readonly number[], starts: readonly number[]): number[] {
  const nearest = (cut: number): number => {
    const after = countUpTo(starts, cut);
    const [before, next] = [starts[after - 1] ?? 0, starts[after] ?? Number.POSITIVE_INFINITY];
    return cut - before <= next - cut ? before : next;
  };
  return [...new Set(cuts.map(nearest))];
}

/** One FFmpeg argument takes 128 KiB, and each forced key frame up to 14 bytes. */
const mostKeyFramesOfChunk = 9000;

/**
 * The plan of a rendition that goes into a package: where its segments start, and an encoder that puts key frames
 * there and nowhere else.
 * @throws FarmError PRESET_UNSUITABLE
 */
export function withSegments(plan: FilmManifest, segmentSeconds: number): FilmManifest {
  const pts = [...plannedTicks(plan)];
  const endPts = plan.chunks.reduce((sum, { durationTicks }) => sum + durationTicks, 0);
  const starts = segmentStarts({ pts, timeBase: plan.timeBase, endPts }, segmentSeconds);
  const most = Math.max(...plan.chunks.map(({ first, end }) => countUpTo(starts, end - 1) - countUpTo(starts, first)));
  if (most > mostKeyFramesOfChunk) {
    throw unsuitable(plan, `it goes whole and has ${starts.length} segments; choose longer ones`);
  }
  if (!['libx264', 'libx265', 'libsvtav1'].includes(plan.video.encoder)) {
    throw unsuitable(plan, `${plan.video.encoder} is not known to set key frames where it is told`);
  }
  const isSteady = steadyFrameTicks(pts) !== null || starts.length === 1;
  if (plan.video.encoder === 'libsvtav1' && !isSteady) {
    throw unsuitable(
      plan,
      'its encoder places key frames by their number, and frames of this source last unequally long',
    );
  }
  const longest = Math.max(...starts.map((start, at) => (starts[at + 1] ?? plan.frames) - start));
  const video = withKeyFramesAtSegmentsOnly(plan.video, longest);
  return { ...plan, segmentStarts: starts, video, fates: plan.fates.map(inPackage) };
}

/** What of the film's extras the package has beside its tracks. */
function inPackage(fate: TrackFate): TrackFate {
  if (fate.kind !== 'chapters' || fate.fate !== 'kept') return fate;
  return { ...fate, note: `${fate.note}; in the package as chapters.vtt and, for HLS, chapters.json` };
}

const unsuitable = ({ presetId }: FilmManifest, why: string): FarmError =>
  new FarmError('PRESET_UNSUITABLE', {
    message: `${presetId} cannot be packaged for this source: ${why}.`,
    details: { preset: presetId },
  });

/** Scene cuts set no key frames, none of them is open, and the limit of their distance is the longest segment. */
function withKeyFramesAtSegmentsOnly(video: ResolvedVideo, longestFrames: number): ResolvedVideo {
  const replaced = video.encoderArgs.map((argument, at, all) => {
    if (all[at - 1] === '-g') return String(longestFrames);
    return all[at - 1] === '-x265-params' ? `${argument}:scenecut=0:open-gop=0` : argument;
  });
  return { ...video, encoderArgs: [...replaced, ...closedGopArgs(video.encoder)] };
}

function closedGopArgs(encoder: string): string[] {
  if (encoder === 'libx264') return ['-sc_threshold', '0', '-forced-idr', '1'];
  return encoder === 'libx265' ? ['-forced-idr', '1'] : [];
}

/**
 * Moments between each segment's first frame and the frame before it, seconds since the chunk's first frame: FFmpeg
 * makes the first frame behind each a key frame. Empty for encoders that count frames instead.
 */
export function forcedKeyFrameSeconds(
  { segmentStarts: starts, timeBase, video }: FilmManifest,
  chunk: { readonly first: number; readonly end: number },
  pts: readonly number[],
): number[] {
  if (starts === undefined || video.encoder === 'libsvtav1') return [];
  const start = pts[chunk.first] ?? 0;
  return starts
    .filter((frame) => frame > chunk.first && frame < chunk.end)
    .map((frame) => (((pts[frame - 1] ?? 0) + (pts[frame] ?? 0)) / 2 - start) * (timeBase.num / timeBase.den));
}
