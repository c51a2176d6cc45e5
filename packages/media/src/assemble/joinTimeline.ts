import { soundTracks } from '../audio/soundTracks.ts';
import type { Manifest, Rational, ResolvedAudio } from '../manifest.ts';

/** Where the picture of an output begins: the earliest of sound and picture at 0, all at the source's distance (decision 5). */
export function videoDelaySeconds(manifest: Sound): number {
  return Math.max(0, ...soundTracks(manifest).map(({ audio }) => -audio.offsetSeconds));
}

/** Where one of its audio tracks begins. */
export function audioDelaySeconds(manifest: Sound, audio: Pick<ResolvedAudio, 'offsetSeconds'>): number {
  return Math.max(0, videoDelaySeconds(manifest) + audio.offsetSeconds);
}

type Sound = Pick<Manifest, 'audio' | 'moreAudio'>;

/** Planned times of all frames in presentation order, source ticks since the first one. */
export function* plannedTicks(manifest: Pick<Manifest, 'chunks'>): Generator<number> {
  let chunkStart = 0;
  for (const chunk of manifest.chunks) {
    let ticks = chunkStart;
    yield ticks;
    for (const [delta, count] of chunk.deltas) {
      for (let repeat = 0; repeat < count; repeat += 1) {
        ticks += delta;
        yield ticks;
      }
    }
    chunkStart += chunk.durationTicks;
  }
}

/** How long the last frame stays, and a moment between it and the frame before it; seconds since the first frame. */
export function lastFrame(manifest: Pick<Manifest, 'chunks' | 'timeBase'>): {
  readonly durationSeconds: number;
  readonly midpointSeconds: number;
} {
  const secondsPerTick = manifest.timeBase.num / manifest.timeBase.den;
  let [before, last] = [-1, -1];
  for (const ticks of plannedTicks(manifest)) [before, last] = [last, ticks];
  const end = manifest.chunks.reduce((sum, { durationTicks }) => sum + durationTicks, 0);
  return { durationSeconds: (end - last) * secondsPerTick, midpointSeconds: ((before + last) / 2) * secondsPerTick };
}

/** Source ticks since the first frame in FFmpeg's own finest unit. */
export function microsecondsOf(ticks: number, { num, den }: Rational): number {
  return Math.round((ticks * num * 1_000_000) / den);
}

/** The part of a chunk's start below Matroska's millisecond. */
export function phaseMicroseconds(ticksSinceFirst: number, timeBase: Rational): number {
  return microsecondsOf(ticksSinceFirst, timeBase) % 1000;
}

/** A track whose ticks are the source's own keeps every timestamp exactly. */
export function videoTimescale(timeBase: Rational): number {
  return timeBase.den;
}

/**
 * Units of edit lists and durations: a multiple of the video's ticks, fine enough (≤ 1/90000 s) that neither a video
 * nor an audio delay is rounded audibly. FFmpeg's own default is 1 ms.
 */
export function movieTimescale(timeBase: Rational): number {
  return timeBase.den * Math.max(1, Math.ceil(90_000 / timeBase.den));
}
