import type { Rational } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { barcode, barcodeBlocks } from './barcode.ts';

export interface BarcodeClip {
  readonly outputPath: string;
  readonly frames: number;
  /** Default 1280 by 720. */
  readonly width?: number;
  readonly height?: number;
  /** Default 30/1. */
  readonly frameRate?: Rational;
  /** Encoder arguments of the picture; default: H.264, one key frame per 2 s. */
  readonly videoArgs?: readonly string[];
  /** A tone of 440 Hz, AAC; default true. */
  readonly tone?: boolean;
  readonly onProgress?: (progress: { readonly frames: number }) => void;
}

const defaultVideoArgs = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-g', '60', '-pix_fmt', 'yuv420p'];

/**
 * Makes a test or demo clip: a moving picture with its frame number as a barcode on top (decision 8), and a tone.
 * Needs no font. The same arguments give the same bytes within one toolchain class.
 * @throws FarmError ENCODE_FAILED, DISK_FULL, CANCELED
 */
export async function drawBarcodeClip(clip: BarcodeClip, run: RunOptions): Promise<void> {
  await runFfmpeg(barcodeClipArgs(clip), run, {
    stdin: strips(clip.frames),
    ...(clip.onProgress ? { onProgress: clip.onProgress } : {}),
  });
}

/** The strip comes in as one tiny grey picture per frame and is enlarged over FFmpeg's own test picture. */
function barcodeClipArgs(clip: BarcodeClip): string[] {
  const { width = 1280, height = 720, frameRate = { num: 30, den: 1 }, tone = true } = clip;
  const rate = `${frameRate.num}/${frameRate.den}`;
  const seconds = (clip.frames * frameRate.den) / frameRate.num;
  const stripHeight = Math.round(height / barcode.heightDivisor);
  const graph = [
    `[0:v]scale=${width}:${stripHeight}:flags=neighbor,format=yuv420p[strip]`,
    '[1:v][strip]overlay=0:0:shortest=1,format=yuv420p[picture]',
  ];
  return [
    ...['-f', 'rawvideo', '-pixel_format', 'gray', '-video_size', `${barcode.blocks}x1`, '-framerate', rate],
    ...['-i', 'pipe:0', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${rate}`],
    ...(tone ? ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds.toFixed(6)}`] : []),
    ...['-filter_complex', graph.join(';'), '-map', '[picture]', ...(tone ? ['-map', '2:a', '-c:a', 'aac'] : [])],
    ...['-threads', '1', ...(clip.videoArgs ?? defaultVideoArgs), '-frames:v', String(clip.frames)],
    ...['-fflags', '+bitexact', '-flags', '+bitexact', '-y', `file:${clip.outputPath}`],
  ];
}

async function* strips(frames: number): AsyncGenerator<Uint8Array> {
  for (let frame = 0; frame < frames; frame += 1) yield barcodeBlocks(frame & barcode.largestNumber);
}
