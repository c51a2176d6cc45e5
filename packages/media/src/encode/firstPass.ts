import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { encodeArgs, type PreparedSpec } from './encodeArgs.ts';
import { encodeLogParser } from './encodeLog.ts';

export interface FirstPassFiles {
  readonly sourcePath: string;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: (progress: { readonly frames: number; readonly fps: number }) => void;
}

/**
 * The encoder sees the whole film and writes down what each picture costs; nothing else is kept.
 * @throws FarmError ENCODE_FAILED, ENCODER_MISSING, FILTER_MISSING, DISK_FULL, CANCELED
 */
export async function runFirstPass(
  spec: PreparedSpec,
  files: FirstPassFiles,
  run: RunOptions,
): Promise<{ readonly wallSeconds: number; readonly cpuSeconds: number }> {
  const parser = encodeLogParser();
  const { wallSeconds } = await runFfmpeg(encodeArgs(spec, files.sourcePath, '-'), run, {
    failureCode: 'ENCODE_FAILED',
    onStderrLine: parser.add,
    environment: files.environment,
    onProgress: ({ frames, fps }) => files.onProgress?.({ frames, fps }),
  });
  return { wallSeconds, cpuSeconds: parser.log.cpuSeconds ?? 0 };
}
