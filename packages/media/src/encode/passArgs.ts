import type { EncodeSpec, ResolvedVideo } from '../manifest.ts';

/** One of two runs over the same film; what the first one learns is kept in files that begin with this path. */
export interface Pass {
  readonly number: 1 | 2;
  readonly statsPath: string;
}

/** The encoder's arguments for one of two passes. Pure. */
export function passArgs({ encoder, encoderArgs }: ResolvedVideo, pass: Pass | undefined): string[] {
  if (pass === undefined) return [...encoderArgs];
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
