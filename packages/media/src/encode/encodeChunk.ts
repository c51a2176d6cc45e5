import { FarmError } from '@reelmill/protocol';
import { codecConfiguration } from '../assemble/codecConfiguration.ts';
import type { EncodeReport, EncodeSpec } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { readPackets } from '../verify/readPackets.ts';
import { checkChunkTimes } from './checkChunkTimes.ts';
import { edgeChecksums } from './edgeChecksums.ts';
import { encodeArgs } from './encodeArgs.ts';
import { encodeLogParser } from './encodeLog.ts';
import { readSampleTable } from './sampleTable.ts';

export interface EncodeFiles {
  readonly sourcePath: string;
  readonly outputPath: string;
  readonly onProgress?: (progress: { readonly frames: number; readonly fps: number }) => void;
  /** The encoder has ended; what follows (the checks) costs next to nothing. */
  readonly onEncoded?: (() => void) | undefined;
}

/**
 * Encodes one chunk and checks it against the plan: frame count, times, edge checksums, no hidden pixel conversion.
 * @throws FarmError ENCODE_FAILED, ENCODER_MISSING, UNSUPPORTED_MEDIA, DISK_FULL, AUTO_SCALER, FRAME_COUNT, TIMESTAMPS_WRONG,
 * OVERLAP_MISMATCH, CHUNKS_INCOMPATIBLE, CANCELED
 */
export async function encodeChunk(spec: EncodeSpec, files: EncodeFiles, run: RunOptions): Promise<EncodeReport> {
  return runEncode(spec, encodeArgs(spec, files.sourcePath, files.outputPath), { ...files, run });
}

/** As `encodeChunk`, with the command line given: tests plant faults in it. */
export async function runEncode(
  spec: EncodeSpec,
  args: readonly string[],
  { outputPath, onProgress, onEncoded, run }: Omit<EncodeFiles, 'sourcePath'> & { readonly run: RunOptions },
): Promise<EncodeReport> {
  const parser = encodeLogParser();
  const finished = await runFfmpeg(args, run, {
    failureCode: 'ENCODE_FAILED',
    onStderrLine: parser.add,
    onProgress: ({ frames, fps }) => onProgress?.({ frames, fps }),
  });
  onEncoded?.();
  const { log } = parser;
  if (log.autoScaler !== null) throw new FarmError('AUTO_SCALER', { details: { line: log.autoScaler } });
  assertOneSize(log.sizes);
  const video = (await readSampleTable(outputPath)) ?? (await readPackets(outputPath, run))[0];
  if (!video) throw new FarmError('FRAME_COUNT', { message: 'The chunk holds no frame.' });
  return {
    kind: 'encode',
    ...checkChunkTimes(spec, video),
    ...edgeChecksums(spec, log),
    extradataSha256: await codecConfiguration(outputPath),
    wallSeconds: finished.wallSeconds,
    cpuSeconds: log.cpuSeconds,
    decodeErrors: log.errorLines,
  };
}

/** FFmpeg would begin its filters again, and with them the clock of the chunk. */
function assertOneSize(sizes: readonly string[]): void {
  const changed = sizes.find((size) => size !== sizes[0]);
  if (changed === undefined) return;
  throw new FarmError('UNSUPPORTED_MEDIA', {
    message: `The picture changes its size in the middle of the film, from ${sizes[0]} to ${changed}.`,
    details: { sizes: sizes.slice(0, 10) },
  });
}
