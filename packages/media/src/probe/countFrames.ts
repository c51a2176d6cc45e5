import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import type { MediaInfo } from './mediaInfo.ts';

export interface CountedFrames {
  /** Presentation times in ticks of the track's time base, ascending. */
  readonly pts: number[];
  readonly errorLines: number;
}

/**
 * Decodes the chosen track once, as the reference of decision 6 does, and lists the frames that come out. Only for
 * sources whose packets cannot be trusted: it costs a whole decode.
 * @throws FarmError DECODE_FAILED
 */
export async function countFrames(
  path: string,
  info: MediaInfo,
  run: RunOptions & { readonly onFrames?: (frames: number) => void },
): Promise<CountedFrames> {
  const pts: number[] = [];
  let errorLines = 0;
  const { num, den } = info.video.timeBase;
  const args = [
    ...['-copyts', '-noautorotate', ...inputGuardArgs(info.demuxer), '-i', `file:${path}`],
    ...['-map', `0:${info.video.index}`, '-fps_mode', 'passthrough', '-enc_time_base', `${num}/${den}`],
    ...['-c:v', 'wrapped_avframe', '-f', 'framecrc', 'pipe:1'],
  ];
  await runFfmpeg(args, run, {
    failureCode: 'DECODE_FAILED',
    onStdoutLine: (line) => {
      const fields = line.split(',');
      if (line.startsWith('#') || fields.length < 5) return;
      pts.push(Number(fields[2]));
      run.onFrames?.(pts.length);
    },
    onStderrLine: () => {
      errorLines += 1;
    },
  });
  return { pts, errorLines };
}
