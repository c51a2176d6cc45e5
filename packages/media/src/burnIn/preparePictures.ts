import { join } from 'node:path';
import type { PictureSize } from '../plan/fitPicture.ts';
import { type FfmpegHooks, inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { copyTrack, holdsLines } from './extractTrack.ts';
import type { PictureSubtitle } from './pictureSubtitle.ts';
import { canvasOf } from './subtitleCanvas.ts';

/** Seconds of the film. */
export interface FilmSpan {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** Subtitles as a film of their own: a picture for each change of what is shown, empty ones among them. */
export interface PreparedPictures {
  readonly path: string;
  readonly canvas: PictureSize;
}

export interface PictureFiles {
  readonly demuxer: string;
  readonly sourcePath: string;
  readonly folder: string;
  readonly span: FilmSpan;
  readonly hooks: FfmpegHooks;
}

/**
 * Decodes a track of subtitles from its beginning and keeps the changes that matter for a part of the film: the last
 * one before it and all within it. A line that begins before a cut is so drawn behind it too.
 * @returns null where nothing is shown
 * @throws FarmError DECODE_FAILED, DISK_FULL, CANCELED
 */
export async function preparePictures(
  pictures: PictureSubtitle,
  { demuxer, sourcePath, folder, span, hooks }: PictureFiles,
  run: RunOptions,
): Promise<PreparedPictures | null> {
  const trackPath = join(folder, 'pictures.mkv');
  const copyPath = join(folder, 'copied.mkv');
  const { streamIndex, zeroSeconds } = pictures;
  const streams = [streamIndex];
  await copyTrack({ demuxer, sourcePath, streams, zeroSeconds: null, outputPath: copyPath }, run, hooks);
  if (!(await holdsLines(copyPath))) return null;
  const copied = { demuxer: 'matroska', sourcePath: copyPath, streams: [0], zeroSeconds, outputPath: trackPath };
  await copyTrack(copied, run, hooks);
  const canvas = await canvasOf(trackPath, pictures, run);
  const size = ['-canvas_size', `${canvas.width}x${canvas.height}`];
  const input = ['-copyts', ...size, ...inputGuardArgs('matroska'), '-i', `file:${trackPath}`];
  const wanted = changesWithin(await changeTimes(input, run), span);
  if (wanted === null) return null;
  const path = join(folder, 'changes.mkv');
  const select = `[0:s:0]select=between(t\\,${seconds(wanted.firstMs - 0.5)}\\,${seconds(wanted.lastMs + 0.5)})[out]`;
  const encode = ['-c:v', 'ffv1', '-level', '3', '-pix_fmt', 'bgra', '-f', 'matroska', '-y', `file:${path}`];
  await runFfmpeg([...input, '-filter_complex', select, ...changeArgs, ...encode], run, {
    failureCode: 'DECODE_FAILED',
  });
  return { path, canvas };
}

const seconds = (ms: number): string => (ms / 1000).toFixed(4);

const changeArgs = ['-map', '[out]', '-fps_mode', 'passthrough', '-enc_time_base', '1/1000'];

/** What is shown from when on, milliseconds of the film, in order. */
async function changeTimes(input: readonly string[], run: RunOptions): Promise<number[]> {
  const times: number[] = [];
  const corner = ['-filter_complex', '[0:s:0]crop=w=2:h=2:x=0:y=0[out]', ...changeArgs];
  await runFfmpeg([...input, ...corner, '-c:v', 'rawvideo', '-f', 'framecrc', '-'], run, {
    failureCode: 'DECODE_FAILED',
    onStdoutLine: (line) => {
      if (!line.startsWith('#')) times.push(Number(line.split(',')[2]));
    },
  });
  return times;
}

/** Times of the first and the last change that a part of the film needs; null: none. Pure. */
export function changesWithin(
  timesMs: readonly number[],
  { fromSeconds, untilSeconds }: FilmSpan,
): { readonly firstMs: number; readonly lastMs: number } | null {
  const lastMs = timesMs.findLast((time) => time < 1000 * untilSeconds);
  const firstMs = timesMs.findLast((time) => time <= 1000 * fromSeconds) ?? timesMs[0];
  return lastMs === undefined || firstMs === undefined ? null : { firstMs: Math.min(firstMs, lastMs), lastMs };
}
