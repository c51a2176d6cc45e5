import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FarmError } from '@reelmill/protocol';
import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { patternIn } from './checkImages.ts';
import type { WebpAnimation, WebpFrame } from './webpAnimation.ts';

const bytesPerPixel = 4;

/**
 * The pictures of an animated WebP as they are shown, RGBA: each frame is a part of the picture, laid over what was there
 * (https://developers.google.com/speed/webp/docs/riff_container#assembling_the_canvas_from_frames).
 * @param folder scratch
 * @throws FarmError DECODE_FAILED, CANCELED
 */
export async function composeWebp(animation: WebpAnimation, folder: string, run: RunOptions): Promise<Buffer[]> {
  const { width, height, frames } = animation;
  const pictureBytes = width * height * bytesPerPixel;
  const parts = await decodeParts(animation, folder, run);
  if (parts.length !== frames.length * pictureBytes) {
    throw new FarmError('DECODE_FAILED', { message: 'A frame of the animated WebP does not decode.' });
  }
  let canvas = Buffer.alloc(pictureBytes);
  return frames.map((frame, at) => {
    const shown = Buffer.from(canvas);
    const part = parts.subarray(at * pictureBytes, (at + 1) * pictureBytes);
    lay(frame, part, { canvas: shown, width });
    canvas = Buffer.from(shown);
    if (frame.clears) clear(frame, { canvas, width });
    return shown;
  });
}

/** All parts, each in the corner of a picture as large as the whole: one process, whatever their sizes. */
async function decodeParts({ width, height, frames }: WebpAnimation, folder: string, run: RunOptions): Promise<Buffer> {
  for (const [at, { still }] of frames.entries()) await writeFile(join(folder, `${at + 1}.webp`), still);
  const pieces: Buffer[] = [];
  const numbered = ['-framerate', '1', '-pattern_type', 'sequence', '-start_number', '1'];
  const args = [
    ...['-threads', '1', ...numbered, ...inputGuardArgs('image2'), '-i', `file:${patternIn(folder, '%d.webp')}`],
    ...['-vf', `format=rgba,pad=w=${width}:h=${height}:x=0:y=0`, '-fps_mode', 'passthrough'],
    ...['-f', 'rawvideo', '-'],
  ];
  await runFfmpeg(args, run, { failureCode: 'DECODE_FAILED', onStdoutBytes: (bytes) => void pieces.push(bytes) });
  return Buffer.concat(pieces);
}

interface Canvas {
  readonly canvas: Buffer;
  readonly width: number;
}

/** Frames of FFmpeg's encoder are opaque, or transparent where nothing changed. */
function lay({ x, y, width, height, blends }: WebpFrame, part: Buffer, own: Canvas): void {
  for (let row = 0; row < height; row += 1) {
    const from = row * own.width * bytesPerPixel;
    const to = ((y + row) * own.width + x) * bytesPerPixel;
    for (let at = 0; at < width * bytesPerPixel; at += bytesPerPixel) {
      if (blends && part[from + at + 3] === 0) continue;
      part.copy(own.canvas, to + at, from + at, from + at + bytesPerPixel);
    }
  }
}

function clear({ x, y, width, height }: WebpFrame, own: Canvas): void {
  for (let row = 0; row < height; row += 1) {
    const start = ((y + row) * own.width + x) * bytesPerPixel;
    own.canvas.fill(0, start, start + width * bytesPerPixel);
  }
}
