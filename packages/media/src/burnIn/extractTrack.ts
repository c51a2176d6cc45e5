import { readFile } from 'node:fs/promises';
import { type FfmpegHooks, inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

export interface TrackCopy {
  readonly demuxer: string;
  readonly sourcePath: string;
  /** Numbers of the source's streams, the subtitles first. */
  readonly streams: readonly number[];
  /** Moment on the source's clock that becomes 0; null: the source's clock is kept. */
  readonly zeroSeconds: number | null;
  readonly outputPath: string;
  /** The subtitles are rewritten by it; absent: copied as they are. */
  readonly encoder?: string;
}

/**
 * Copies a track of subtitles, and what belongs to it, into a small Matroska file. FFmpeg 5 counts the ticks of its
 * bitstream filters wrongly where the source has others than Matroska: such tracks are moved in a second copy.
 * @throws FarmError the hooks' `failureCode`, DISK_FULL, CANCELED
 */
export async function copyTrack(copy: TrackCopy, run: RunOptions, hooks: FfmpegHooks): Promise<void> {
  const input = ['-copyts', '-max_error_rate', '1', ...inputGuardArgs(copy.demuxer), '-i', `file:${copy.sourcePath}`];
  const maps = copy.streams.flatMap((stream) => ['-map', `0:${stream}`]);
  const clock = copy.zeroSeconds === null ? [] : ['-bsf:s', filmClock(copy.zeroSeconds)];
  const codecs = copy.encoder === undefined ? ['-c', 'copy'] : ['-c:t', 'copy', '-c:s', copy.encoder];
  await runFfmpeg(
    [...input, ...maps, ...codecs, ...clock, '-f', 'matroska', '-y', `file:${copy.outputPath}`],
    run,
    hooks,
  );
}

/** Where Matroska keeps its packets (EBML id of a cluster, RFC 9559). */
const clusterId = Buffer.from([0x1f, 0x43, 0xb6, 0x75]);

/** A track without lines is a Matroska file without packets, which FFmpeg cannot open. */
export async function holdsLines(subtitlePath: string): Promise<boolean> {
  return (await readFile(subtitlePath)).includes(clusterId);
}

/** What was on screen before the film's first frame begins with it. */
export function filmClock(zeroSeconds: number): string {
  const zero = `round(${zeroSeconds.toFixed(6)}/TB)`;
  const time = `max(PTS-${zero}\\,0)`;
  return `setts=pts=${time}:dts=${time}:duration=max(DURATION+min(PTS-${zero}\\,0)\\,0)`;
}
