import { FarmError } from '@reelmill/protocol';
import type { Manifest } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

/** Times do not matter here; close ones would make the null muxer complain about its own rounding. */
const oneFramePerSecond = 'settb=1,setpts=N';

/**
 * Decodes the whole output, picture and sound, and counts the frames (`--verify full`). The output is our own encode:
 * any decoder complaint is a fault.
 * @throws FarmError FRAME_COUNT, VERIFY_FAILED.
 */
export async function decodeWhole(
  manifest: Manifest,
  { outputPath, onFrames }: { outputPath: string; onFrames: (frames: number) => void },
  run: RunOptions,
): Promise<void> {
  let frames = 0;
  const args = ['-xerror', '-noautorotate', '-i', `file:${outputPath}`, '-map', '0:v:0', '-map', '0:a?'];
  const sink = ['-vf', oneFramePerSecond, '-fps_mode', 'passthrough', '-f', 'null', '-'];
  const finished = await runFfmpeg([...args, ...sink], run, {
    failureCode: 'VERIFY_FAILED',
    onProgress: (progress) => {
      frames = progress.frames;
      onFrames(frames);
    },
  });
  const log = finished.log.trim();
  if (log !== '') throw new FarmError('VERIFY_FAILED', { message: `The output does not decode: ${log}` });
  if (frames === manifest.frames) return;
  throw new FarmError('FRAME_COUNT', {
    message: `${frames} frames of the output decode instead of the planned ${manifest.frames}.`,
    details: { planned: manifest.frames, found: frames },
  });
}
