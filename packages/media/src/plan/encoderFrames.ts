import type { ResolvedVideo } from '../manifest.ts';

/** What an encoder holds: so many pictures of its output, and what does not grow with them. */
interface EncoderMemory {
  readonly frames: number;
  readonly fixedBytes: number;
}

const mebibyte = 1024 ** 2;

/** Pictures per encoder and speed. */
const framesOf: Readonly<Record<string, number>> = {
  'libx264 ultrafast': 30,
  'libx264 superfast': 30,
  'libx264 veryfast': 60,
  'libx264 faster': 80,
  'libx264 fast': 100,
  'libx264 medium': 120,
  'libx264 slow': 150,
  'libx265 ultrafast': 60,
  'libx265 superfast': 60,
  'libx265 veryfast': 60,
  'libx265 faster': 60,
  'libx265 fast': 60,
  'libx265 medium': 80,
  'libx265 slow': 100,
  libsvtav1: 300,
  'libvpx-vp9': 60,
  prores_ks: 20,
  dnxhd: 20,
  ffv1: 20,
};
const unknownFrames = 120;

/** What an encoder of this rendition holds. Pure. */
export function encoderFrames({ encoder, encoderArgs, threads, burnIn, device }: ResolvedVideo): EncoderMemory {
  const speed = encoderArgs[encoderArgs.indexOf('-preset') + 1];
  const frames = device ? 20 : (framesOf[`${encoder} ${speed}`] ?? framesOf[encoder] ?? unknownFrames);
  return { frames: frames + 4 * (threads - 1), fixedBytes: burnIn === undefined ? 0 : 96 * mebibyte };
}
