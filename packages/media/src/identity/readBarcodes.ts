import { probeSource } from '../probe/probeSource.ts';
import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { barcode, readBlocks } from './barcode.ts';

/** Stands for a frame whose strip holds no valid barcode. */
export const unreadableBarcode = -1;

/**
 * Frame numbers of a file in the order its frames are shown, read from the picture itself; `unreadableBarcode` where a
 * frame carries none.
 * @throws FarmError DECODE_FAILED and those of `probeSource`
 */
export async function readBarcodes(path: string, run: RunOptions): Promise<number[]> {
  const { demuxer, video } = await probeSource(path, run);
  return decodeBarcodes([...inputGuardArgs(demuxer), '-i', `file:${path}`, '-map', `0:${video.index}`], run);
}

/**
 * The same for whatever FFmpeg reads with these arguments.
 * @throws FarmError DECODE_FAILED
 */
export async function decodeBarcodes(inputArgs: readonly string[], run: RunOptions): Promise<number[]> {
  const numbers: number[] = [];
  let rest: Buffer = Buffer.alloc(0);
  const strip = `crop=iw:ih/${barcode.heightDivisor}:0:0,scale=${barcode.blocks}:1:flags=area,format=gray`;
  const args = [...inputArgs, '-vf', strip, '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'];
  await runFfmpeg(args, run, {
    failureCode: 'DECODE_FAILED',
    onStdoutBytes: (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      const whole = rest.length - (rest.length % barcode.blocks);
      for (let at = 0; at < whole; at += barcode.blocks) {
        numbers.push(readBlocks(rest.subarray(at, at + barcode.blocks)) ?? unreadableBarcode);
      }
      rest = rest.subarray(whole);
    },
  });
  return numbers;
}
