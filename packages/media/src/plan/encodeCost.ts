import { learnsBySize } from '../encode/passArgs.ts';
import type { ResolvedAudio, ResolvedVideo } from '../manifest.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';

/**
 * CPU seconds per million output pixels on one core of a 2020s server, by encoder and speed. Only the order of
 * magnitude matters: they choose chunk lengths and order tasks.
 */
const encodeSecondsPerMegapixel: Readonly<Record<string, number>> = {
  'libx264 ultrafast': 0.004,
  'libx264 superfast': 0.007,
  'libx264 veryfast': 0.01,
  'libx264 faster': 0.016,
  'libx264 fast': 0.02,
  'libx264 medium': 0.025,
  'libx264 slow': 0.05,
  'libx265 ultrafast': 0.014,
  'libx265 superfast': 0.018,
  'libx265 veryfast': 0.022,
  'libx265 faster': 0.024,
  'libx265 fast': 0.03,
  'libx265 medium': 0.037,
  'libx265 slow': 0.11,
  'libsvtav1 4': 0.3,
  'libsvtav1 5': 0.15,
  'libsvtav1 6': 0.07,
  'libsvtav1 7': 0.055,
  'libsvtav1 8': 0.042,
  'libsvtav1 9': 0.03,
  'libsvtav1 10': 0.021,
  'libsvtav1 11': 0.015,
  'libsvtav1 12': 0.01,
  'libvpx-vp9 0': 0.4,
  'libvpx-vp9 1': 0.15,
  'libvpx-vp9 2': 0.08,
  'libvpx-vp9 3': 0.06,
  'libvpx-vp9 4': 0.05,
  'libvpx-vp9 5': 0.05,
  'prores_ks 4': 0.058,
  prores_ks: 0.03,
  dnxhd: 0.006,
  ffv1: 0.025,
};
/** Options whose value is part of the key, per encoder; most have `-preset`. */
const keyOptions: Readonly<Record<string, string>> = { 'libvpx-vp9': '-cpu-used', prores_ks: '-profile:v' };
/** What is left for the CPU beside a hardware encoder: conversion and upload. */
const hardwareSecondsPerMegapixel = 0.003;
const tenBitFactor = 1.4;
/** The first pass is a fast one, or a whole one where the encoder learns by the size that came of it. */
const twoPassFactor = 1.5;
const twoRunsFactor = 2;
const decodeSecondsPerMegapixel = 0.003;
/** Process start, seek and warm-up decode of one chunk. */
export const chunkOverheadSeconds = 0.25;
/** An audio encoder does about a hundred seconds of stereo per CPU second. */
const audioCostPerSecond = 0.01;
/** Measuring what comes and what was made, and about two passes of a limiter at 192 kHz. */
const loudnessCostPerSecond = 0.15;

export interface CostInput {
  readonly info: MediaInfo;
  readonly video: ResolvedVideo;
  readonly frames: number;
}

/** Predicted CPU seconds of decoding and encoding that many frames at once. */
export function encodeCostSeconds({ info, video, frames }: CostInput): number {
  return decodeCostSeconds(info, frames) + encoderCostSeconds(video, frames);
}

/** Predicted CPU seconds of decoding that many frames of the source. */
export function decodeCostSeconds(info: MediaInfo, frames: number): number {
  return (frames * info.video.width * info.video.height * decodeSecondsPerMegapixel) / 1e6;
}

/** Predicted CPU seconds of one track of sound. */
export const soundCostSeconds = ({ loudness }: Pick<ResolvedAudio, 'loudness'>, durationSeconds: number): number =>
  durationSeconds * (audioCostPerSecond + (loudness === null ? 0 : loudnessCostPerSecond));

/** Predicted CPU seconds of the encoder alone. */
export function encoderCostSeconds(video: ResolvedVideo, frames: number): number {
  const { encoder, encoderArgs } = video;
  if (video.device) return (frames * video.width * video.height * hardwareSecondsPerMegapixel) / 1e6;
  const optionAt = encoderArgs.indexOf(keyOptions[encoder] ?? '-preset');
  const byOption = optionAt < 0 ? undefined : encodeSecondsPerMegapixel[`${encoder} ${encoderArgs[optionAt + 1]}`];
  const perMegapixel = byOption ?? encodeSecondsPerMegapixel[encoder] ?? 0.02;
  const isDeeper = /^lib(x265|svtav1)$/.test(encoder) && video.pixelFormat.endsWith('10le');
  const runs = video.passes !== 2 ? 1 : learnsBySize(video) ? twoRunsFactor : twoPassFactor;
  const factor = (isDeeper ? tenBitFactor : 1) * runs;
  return (frames * video.width * video.height * perMegapixel * factor) / 1e6;
}
