import type { ResolvedVideo } from '../manifest.ts';
import { pictureBytes } from './pictureBytes.ts';

const mebibyte = 1024 ** 2;

/**
 * Pictures of its output that an encoder with one thread holds: look-ahead, references with their interpolated and small
 * copies, and its notes about each block. Peak resident memory (getrusage) of FFmpeg 5.1 with x264 r3095, x265 3.5 and
 * SVT-AV1 1.4 on noisy moving pictures of 640×360, 1280×720, 1920×1080 and 3840×2160, 8 to 140 of them, less 60 MiB for
 * FFmpeg itself, divided by the size of a picture, plus a few percent. One thread more keeps some pictures more in flight.
 */
const picturesHeld: Readonly<Record<string, number>> = {
  'libx264 ultrafast': 14,
  'libx264 superfast': 38,
  'libx264 veryfast': 55,
  'libx264 faster': 72,
  'libx264 fast': 99,
  'libx264 medium': 128,
  'libx264 slow': 162,
  'libx265 ultrafast': 85,
  'libx265 superfast': 105,
  'libx265 veryfast': 135,
  'libx265 faster': 135,
  'libx265 fast': 140,
  'libx265 medium': 155,
  'libx265 slow': 175,
  'libsvtav1 4': 200,
  'libsvtav1 5': 200,
  'libsvtav1 6': 160,
  'libsvtav1 7': 160,
  libsvtav1: 125,
  'libvpx-vp9': 60,
  prores_ks: 8,
  dnxhd: 20,
  ffv1: 14,
};
/** Of encoders this table does not know, and of those in hardware, which keep most of it on the device. */
const otherPictures = { unknown: 130, hardware: 24 };
/** Pictures of libvpx have a border so wide on every side. */
const vp9BorderPixels = 160;
/** FFmpeg makes room for the worst packet of FFV1 level 3, and touches all of it. */
const ffv1PacketBytesPerPixel = 140;
const picturesPerThread: Readonly<Record<string, number>> = { libsvtav1: 25 };
/** What does not grow with the picture: tables and thread pools. */
const encoderFixedBytes: Readonly<Record<string, number>> = { libx265: 32 * mebibyte, libsvtav1: 16 * mebibyte };
/** libass with its fonts. */
const textBytes = 96 * mebibyte;

/** What an encoder is expected to hold at most. Pure. */
export function encoderBytes(video: ResolvedVideo): number {
  const { encoder, encoderArgs, threads, burnIn, device, width, height } = video;
  const speed = encoderArgs[encoderArgs.indexOf('-preset') + 1];
  const known = picturesHeld[`${encoder} ${speed}`] ?? picturesHeld[encoder] ?? otherPictures.unknown;
  const pictures = (device ? otherPictures.hardware : known) + (picturesPerThread[encoder] ?? 4) * (threads - 1);
  const border = encoder === 'libvpx-vp9' ? 2 * vp9BorderPixels : 0;
  const picture = pictureBytes({ ...video, width: width + border, height: height + border });
  const packet = encoder === 'ffv1' ? ffv1PacketBytesPerPixel * width * height : 0;
  const fixedBytes = encoderFixedBytes[encoder] ?? 0;
  return pictures * picture + packet + fixedBytes + (burnIn === undefined ? 0 : textBytes);
}
