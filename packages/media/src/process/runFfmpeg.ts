import { type ErrorCode, FarmError } from '@reelmill/protocol';
import { type FfmpegProgress, progressParser } from './ffmpegProgress.ts';
import { type FinishedProcess, type ProcessOptions, runProcess } from './runProcess.ts';
import type { RunOptions } from './tools.ts';

export interface FfmpegHooks {
  /** Asks FFmpeg for `-progress` on stdout, four times a second. Excludes the stdout hooks. */
  readonly onProgress?: (progress: FfmpegProgress) => void;
  readonly onStdoutLine?: ProcessOptions['onStdoutLine'];
  readonly onStdoutBytes?: ProcessOptions['onStdoutBytes'];
  readonly onStderrLine?: ProcessOptions['onStderrLine'];
  readonly stdin?: ProcessOptions['stdin'];
  readonly environment?: ProcessOptions['environment'];
  /** Code of the error thrown on a non-zero exit; default ENCODE_FAILED. */
  readonly failureCode?: ErrorCode;
}

/** Pictures up to 8192 by 8192: beyond, one frame alone costs hundreds of megabytes. */
export const mostPixels = 8192 * 8192;
/** Tracks of one file; FFmpeg starts a parser for each. */
const mostStreams = 256;
/** FFmpeg's words for a picture above `mostPixels`. */
export const pictureLimitMessage = /exceeds specified max pixel count/;

/**
 * Before every `-i`: FFmpeg opens local files only, with the demuxer named and no other (decision 10), and neither more
 * tracks nor larger pictures than the farm takes.
 */
export function inputGuardArgs(demuxer: string): string[] {
  const limits = ['-max_streams', String(mostStreams), '-max_pixels', String(mostPixels)];
  return ['-protocol_whitelist', 'file', '-format_whitelist', demuxer, ...limits, '-f', demuxer];
}

/** Progress and logging: `info` where the caller parses the log (showinfo, benchmark), `error` else. */
const quietArgs = ['-hide_banner', '-nostdin', '-nostats'];

/**
 * Runs FFmpeg with an argument array (without the program). The log level is `error` unless `args` set it.
 * @throws FarmError `failureCode` on a non-zero exit, DISK_FULL when the log says so, CANCELED, FFMPEG_MISSING.
 */
export async function runFfmpeg(
  args: readonly string[],
  run: RunOptions,
  hooks: FfmpegHooks = {},
): Promise<FinishedProcess> {
  const progressArgs = hooks.onProgress ? ['-progress', 'pipe:1', '-stats_period', '0.25'] : [];
  const levelArgs = args.includes('-loglevel') ? [] : ['-loglevel', 'error'];
  const opening = hooks.stdin ? quietArgs.filter((argument) => argument !== '-nostdin') : quietArgs;
  const launch = { command: run.tools.ffmpegPath, args: [...opening, ...levelArgs, ...progressArgs, ...args] };
  const finished = await runProcess(launch, {
    signal: run.signal,
    launcher: run.launcher,
    onStdoutLine: hooks.onProgress ? progressParser(hooks.onProgress) : hooks.onStdoutLine,
    onStdoutBytes: hooks.onStdoutBytes,
    onStderrLine: hooks.onStderrLine,
    stdin: hooks.stdin,
    environment: hooks.environment,
  });
  // FFmpeg ends with 0 after a trailer it could not write.
  if (finished.exitCode !== 0 || hitFullDisk(finished))
    throw processFailure(finished, launch.args, hooks.failureCode ?? 'ENCODE_FAILED');
  return finished;
}

/**
 * Runs FFprobe with an argument array (without the program); stdout is in the answer unless `onStdoutLine` is given.
 * @throws FarmError `failureCode` (default DECODE_FAILED) on a non-zero exit, CANCELED, FFMPEG_MISSING.
 */
export async function runFfprobe(
  args: readonly string[],
  run: RunOptions,
  hooks: Pick<FfmpegHooks, 'onStdoutLine' | 'onStderrLine' | 'failureCode'> = {},
): Promise<FinishedProcess> {
  const levelArgs = args.includes('-loglevel') ? [] : ['-loglevel', 'error'];
  const launch = { command: run.tools.ffprobePath, args: ['-hide_banner', ...levelArgs, ...args] };
  const finished = await runProcess(launch, {
    signal: run.signal,
    launcher: run.launcher,
    onStdoutLine: hooks.onStdoutLine,
    onStderrLine: hooks.onStderrLine,
  });
  if (finished.exitCode !== 0) throw processFailure(finished, launch.args, hooks.failureCode ?? 'DECODE_FAILED');
  return finished;
}

const hitFullDisk = (finished: FinishedProcess): boolean => /No space left on device/.test(finished.log);

function processFailure(finished: FinishedProcess, args: readonly string[], code: ErrorCode): FarmError {
  const details = {
    exitCode: finished.exitCode,
    endSignal: finished.endSignal,
    log: finished.log.slice(-4000),
    args,
  };
  if (hitFullDisk(finished)) return new FarmError('DISK_FULL', { details });
  if (/Unknown encoder|Encoder not found/.test(finished.log)) return new FarmError('ENCODER_MISSING', { details });
  if (/No such filter/.test(finished.log)) return new FarmError('FILTER_MISSING', { details });
  const lastLine = finished.log.trimEnd().split('\n').pop() ?? '';
  const ending = finished.endSignal ? `was ended by ${finished.endSignal}` : `ended with code ${finished.exitCode}`;
  return new FarmError(code, { message: `FFmpeg ${ending}: ${lastLine}`.trim(), details });
}
