import type { EncodeSpec, ResolvedVideo } from '../manifest.ts';

/** One of two runs over the same film; what the first one learns is kept in files that begin with this path. */
export interface Pass {
  readonly number: 1 | 2;
  readonly statsPath: string;
  /** Of the second run, where the encoder hands nothing from one run to the next: by how much to change its rate. */
  readonly rateFactor?: number;
}

/**
 * FFmpeg's SVT-AV1 (libavcodec/libsvtav1.c) keeps no statistics for a second pass. Its first run makes the film, and by
 * as much as that misses the wanted size the rate of the second is changed.
 */
export const learnsBySize = ({ encoder }: Pick<ResolvedVideo, 'encoder'>): boolean => encoder === 'libsvtav1';

/** The rate of a second run: what it shall be by what came of it. Pure. */
export function rateFactor({ video, chunk, timeBase }: EncodeSpec, measuredBytes: number): number {
  const wantedBytes = (bitrateOf(video) * chunk.durationTicks * timeBase.num) / timeBase.den / 8;
  return Math.min(mostFactor, Math.max(1 / mostFactor, wantedBytes / Math.max(1, measuredBytes)));
}

const mostFactor = 4;
const bitrateOf = ({ encoderArgs }: ResolvedVideo): number => Number(encoderArgs[encoderArgs.indexOf('-b:v') + 1]);

/** Where the first pass writes. */
export const firstPassOutput = (video: ResolvedVideo, { statsPath }: Pass): string[] =>
  learnsBySize(video) ? ['-f', 'ivf', '-y', `file:${statsPath}`] : ['-f', 'null', '-'];

/** The encoder's arguments for one of two passes. Pure. */
export function passArgs(video: ResolvedVideo, pass: Pass | undefined): string[] {
  const { encoder, encoderArgs } = video;
  if (pass === undefined) return [...encoderArgs];
  if (encoder === 'libsvtav1') {
    const bitrate = Math.round(bitrateOf(video) * (pass.rateFactor ?? 1));
    return encoderArgs.map((argument, at) => (encoderArgs[at - 1] === '-b:v' ? String(bitrate) : argument));
  }
  // x265 has parameters of its own for it; FFmpeg's options do not reach it
  if (encoder !== 'libx265') return [...encoderArgs, '-pass', String(pass.number), '-passlogfile', pass.statsPath];
  const stats = pass.statsPath.replaceAll(/[\\:']/g, (found) => `\\${found}`);
  const parameters = `pass=${pass.number}:slow-firstpass=0:stats=${stats}`;
  return encoderArgs.map((argument, at) =>
    encoderArgs[at - 1] === '-x265-params' ? `${argument}:${parameters}` : argument,
  );
}

/**
 * The encoder's clock where FFmpeg's would spoil the second pass: its libvpx takes one tick for the length of every
 * frame, so a tick must be one; null: any clock will do. Pure.
 */
export function passClock({ video, chunk, timeBase }: EncodeSpec): string | null {
  if (video.passes !== 2 || !countsTicks(video)) return null;
  const [frameTicks = 1] = chunk.deltas[0] ?? [];
  return `${timeBase.num * frameTicks}/${timeBase.den}`;
}

/** Encoders that meet a size only where all frames last equally long. */
export const countsTicks = ({ encoder }: Pick<ResolvedVideo, 'encoder'>): boolean => encoder === 'libvpx-vp9';
