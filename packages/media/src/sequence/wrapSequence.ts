import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FarmError, type FrameRate, type ImageSequence, type SequenceSettings } from '@reelmill/protocol';
import { concatEntry } from '../assemble/concatList.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { readPackets } from '../verify/readPackets.ts';
import { listSequenceFrames, type SequenceFrames } from './sequenceFrames.ts';

/** The film holds the images and an index of them. */
const containerShare = 1.02;

export interface WrapOptions {
  readonly settings: SequenceSettings;
  /** A .mov; appears whole or not at all. */
  readonly outputPath: string;
  /** Refuses where the folder has less than that free. */
  readonly assertRoom?: (neededBytes: number, folder: string) => Promise<void>;
  readonly onFrames?: (done: number, total: number) => void;
}

/**
 * Puts the image files of a sequence, byte by byte as they are, into one QuickTime file that every later step treats
 * as any film: each frame a key frame, its time exact. The images are only read.
 * @throws FarmError those of `listSequenceFrames` and of `assertRoom`, SEQUENCE_BROKEN, DISK_FULL, CANCELED
 */
export async function wrapSequence(
  sequence: ImageSequence,
  options: WrapOptions,
  run: RunOptions,
): Promise<SequenceFrames> {
  const { settings, outputPath } = options;
  const frames = await listSequenceFrames(sequence, settings.gaps);
  await mkdir(dirname(outputPath), { recursive: true });
  await options.assertRoom?.(frames.sizeBytes * containerShare, dirname(outputPath));
  const temporary = `${outputPath}.part`;
  try {
    await runFfmpeg(wrapArgs(frames, settings.frameRate, temporary), run, {
      stdin: listBytes(frames.paths, settings.frameRate),
      failureCode: 'SEQUENCE_BROKEN',
      onProgress: ({ frames: done }) => options.onFrames?.(done, frames.paths.length),
    });
    await assertEveryFrame(temporary, frames.paths.length, run);
    await rename(temporary, outputPath);
  } finally {
    await rm(temporary, { force: true });
  }
  return frames;
}

function wrapArgs({ format }: SequenceFrames, { num }: FrameRate, outputPath: string): string[] {
  return [
    ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', `concat,${format}_pipe,image2`],
    ...['-f', 'concat', '-safe', '0', '-i', 'pipe:0', '-map', '0:v:0', '-c', 'copy', '-video_track_timescale'],
    ...[String(num), '-fflags', '+bitexact', '-f', 'mov', '-y', `file:${outputPath}`],
  ];
}

const microsecondsPerSecond = 1_000_000;

/**
 * FFmpeg takes some images for `image2`, whose names would be patterns: there `pattern_type none` makes them names. In
 * this list durations are differences of rounded sums, so that their rounding never adds up.
 */
async function* listBytes(paths: readonly string[], { num, den }: FrameRate): AsyncGenerator<Uint8Array> {
  const endOf = (frames: number) => Math.round((frames * den * microsecondsPerSecond) / num);
  yield Buffer.from('ffconcat version 1.0\n');
  for (const [at, path] of paths.entries()) {
    const entry = concatEntry(path, endOf(at + 1) - endOf(at), [`framerate ${num}/${den}`, 'pattern_type none']);
    yield Buffer.from(`${entry.join('\n')}\n`);
  }
}

async function assertEveryFrame(path: string, planned: number, run: RunOptions): Promise<void> {
  const found = (await readPackets(path, run)).find(({ codecType }) => codecType === 'video')?.pts.length ?? 0;
  if (found === planned) return;
  throw new FarmError('SEQUENCE_BROKEN', {
    message: `FFmpeg read ${found} of the ${planned} images.`,
    details: { planned, found },
  });
}
