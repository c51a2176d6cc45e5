import { probeSource } from '../probe/probeSource.ts';
import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

/**
 * The reference of frame identity (decision 6): MD5 of every decoded frame of the chosen video track, in order.
 * @throws FarmError DECODE_FAILED and those of `probeSource`
 */
export async function frameHashes(path: string, run: RunOptions): Promise<string[]> {
  const { demuxer, video } = await probeSource(path, run);
  const hashes: string[] = [];
  const args = [
    ...['-noautorotate', ...inputGuardArgs(demuxer), '-i', `file:${path}`, '-map', `0:${video.index}`],
    ...['-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1'],
  ];
  await runFfmpeg(args, run, {
    failureCode: 'DECODE_FAILED',
    onStdoutLine: (line) => {
      if (!line.startsWith('#')) hashes.push(line.slice(line.lastIndexOf(',') + 1).trim());
    },
  });
  return hashes;
}
