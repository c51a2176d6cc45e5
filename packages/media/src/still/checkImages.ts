import { FarmError } from '@reelmill/protocol';
import type { PictureSize } from '../plan/fitPicture.ts';
import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

export interface ImagesToCheck {
  /** FFmpeg's pattern for numbered names, or a file. */
  readonly path: string;
  readonly demuxer: 'image2' | 'gif';
  /** Of the first numbered file. */
  readonly firstNumber: number;
  readonly count: number;
  /** null: of any size. */
  readonly size: PictureSize | null;
}

const shownSize = /^\[showinfo@check @ .*\bs:(\d+)x(\d+) /;

/**
 * Decodes images that were just made: every one must be whole, and all of the size planned.
 * @throws FarmError FRAME_COUNT, DECODE_FAILED, CANCELED
 */
export async function checkImages(images: ImagesToCheck, run: RunOptions): Promise<void> {
  const sizes: string[] = [];
  const errors: string[] = [];
  const numbered = ['-pattern_type', 'sequence', '-start_number', String(images.firstNumber), '-framerate', '1'];
  const args = [
    ...['-loglevel', 'level+info', '-threads', '1', ...(images.demuxer === 'image2' ? numbered : [])],
    ...[...inputGuardArgs(images.demuxer), '-i', `file:${images.path}`, '-map', '0:v:0'],
    ...['-vf', 'showinfo@check=checksum=0', '-fps_mode', 'passthrough', '-enc_time_base', '1/1000'],
    ...['-f', 'null', '-'],
  ];
  await runFfmpeg(args, run, {
    failureCode: 'DECODE_FAILED',
    onStderrLine(line) {
      const shown = shownSize.exec(line);
      if (shown) sizes.push(`${shown[1]}x${shown[2]}`);
      else if (/\[(error|fatal)\]/.test(line)) errors.push(line);
    },
  });
  if (errors.length > 0) {
    throw new FarmError('DECODE_FAILED', {
      message: `A picture that was just made does not decode: ${errors[0]}`,
      details: { errors: errors.slice(0, 10) },
    });
  }
  const { count, size } = images;
  const wrong = size === null ? undefined : sizes.find((one) => one !== `${size.width}x${size.height}`);
  if (sizes.length === count && wrong === undefined) return;
  throw new FarmError('FRAME_COUNT', {
    message: `${sizes.length} pictures instead of ${count}${wrong === undefined ? '' : `, one of them ${wrong}`}.`,
    details: { pictures: sizes.length, planned: count, size, wrong },
  });
}

/** A folder in a pattern of FFmpeg: its percent signs mean themselves. */
export const patternIn = (folder: string, pattern: string): string => `${folder.replaceAll('%', '%%')}/${pattern}`;
