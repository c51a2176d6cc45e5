import { FarmError } from '@reelmill/protocol';
import { codecConfiguration } from '../assemble/codecConfiguration.ts';
import type { EncodeReport, EncodeSpec, SharedEncodeReport, SharedEncodeSpec } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { readPackets } from '../verify/readPackets.ts';
import { checkChunkTimes } from './checkChunkTimes.ts';
import { edgeChecksums } from './edgeChecksums.ts';
import { encodeArgs, sharedEncodeArgs } from './encodeArgs.ts';
import { type EncodeLog, encodeLogParser } from './encodeLog.ts';
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

/**
 * Encodes one chunk of several renditions in one process and checks each as `encodeChunk` does. The CPU time is told in
 * equal parts: one process does not say whose it was.
 * @throws FarmError as `encodeChunk`
 */
export async function encodeSharedChunk(
  spec: SharedEncodeSpec,
  files: Omit<EncodeFiles, 'outputPath'> & { readonly outputPaths: readonly string[] },
  run: RunOptions,
): Promise<SharedEncodeReport> {
  const args = sharedEncodeArgs(spec, files.sourcePath, files.outputPaths);
  const encoded = await runEncoder(args, { ...files, run });
  const parts = spec.parts.map((part, at) => checkChunk(part, files.outputPaths[at] as string, { encoded, run }));
  const reports = await Promise.all(parts);
  const shared = (cpuSeconds: number | null) => (cpuSeconds === null ? null : cpuSeconds / reports.length);
  return {
    kind: 'shared-encode',
    parts: reports.map((report) => ({ ...report, cpuSeconds: shared(report.cpuSeconds) })),
  };
}

/** As `encodeChunk`, with the command line given: tests plant faults in it. */
export async function runEncode(
  spec: EncodeSpec,
  args: readonly string[],
  files: Omit<EncodeFiles, 'sourcePath'> & { readonly run: RunOptions },
): Promise<EncodeReport> {
  const encoded = await runEncoder(args, files);
  return checkChunk(spec, files.outputPath, { encoded, run: files.run });
}

interface Encoded {
  readonly log: EncodeLog;
  readonly wallSeconds: number;
}

async function runEncoder(
  args: readonly string[],
  { onProgress, onEncoded, run }: Pick<EncodeFiles, 'onProgress' | 'onEncoded'> & { readonly run: RunOptions },
): Promise<Encoded> {
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
  return { log, wallSeconds: finished.wallSeconds };
}

async function checkChunk(
  spec: EncodeSpec,
  outputPath: string,
  { encoded, run }: { encoded: Encoded; run: RunOptions },
): Promise<EncodeReport> {
  const { log, wallSeconds } = encoded;
  const video = (await readSampleTable(outputPath)) ?? (await readPackets(outputPath, run))[0];
  if (!video) throw new FarmError('FRAME_COUNT', { message: 'The chunk holds no frame.' });
  return {
    kind: 'encode',
    ...checkChunkTimes(spec, video),
    ...edgeChecksums(spec, log),
    extradataSha256: await codecConfiguration(outputPath),
    wallSeconds,
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
