import { mkdtemp, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FarmError } from '@reelmill/protocol';
import { codecConfiguration } from '../assemble/codecConfiguration.ts';
import { type PreparedBurnIn, prepareBurnIn } from '../burnIn/prepareBurnIn.ts';
import type { FilmSpan } from '../burnIn/preparePictures.ts';
import type { EncodeReport, EncodeSpec, SharedEncodeReport, SharedEncodeSpec } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { readPackets } from '../verify/readPackets.ts';
import { checkChunkTimes } from './checkChunkTimes.ts';
import { edgeChecksums } from './edgeChecksums.ts';
import { encodeArgs, sharedEncodeArgs } from './encodeArgs.ts';
import { type EncodeLog, encodeLogParser } from './encodeLog.ts';
import { runFirstPass } from './firstPass.ts';
import { learnsBySize, type Pass, rateFactor } from './passArgs.ts';
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
  const { burnIn, passes } = spec.video;
  if (burnIn === undefined && passes === undefined) return encodePrepared(spec, files, run);
  const folder = await mkdtemp(join(dirname(files.outputPath), '.encode-'));
  try {
    return await encodeInFolder(spec, { ...files, folder }, run);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Text and statistics of two passes are files in `folder`. */
async function encodeInFolder(
  spec: EncodeSpec,
  files: EncodeFiles & { readonly folder: string },
  run: RunOptions,
): Promise<EncodeReport> {
  const { burnIn, passes } = spec.video;
  const { sourcePath, folder, onProgress } = files;
  const onReading = (frames: number) => onProgress?.({ frames, fps: 0 });
  const burnInFiles =
    burnIn === undefined
      ? undefined
      : await prepareBurnIn(
          { burnIn, demuxer: spec.demuxer, sourcePath, folder, onReading, span: spanOf(spec, burnIn.firstPts) },
          run,
        );
  if (passes === undefined) return encodePrepared({ ...spec, burnInFiles }, files, run);
  return encodeTwice({ ...spec, burnInFiles, statsPath: join(folder, 'stats') }, files, run);
}

/** The chunk on the film's own clock. */
function spanOf({ chunk, timeBase }: EncodeSpec, filmStartPts: number): FilmSpan {
  const seconds = (pts: number): number => ((pts - filmStartPts) * timeBase.num) / timeBase.den;
  return { fromSeconds: seconds(chunk.firstPts), untilSeconds: seconds(chunk.firstPts + chunk.durationTicks) };
}

type Prepared = EncodeSpec & { readonly burnInFiles?: PreparedBurnIn | undefined; readonly pass?: Pass };

/** Of the work of both passes each is a half, so that progress only grows. */
async function encodeTwice(
  { statsPath, ...spec }: Prepared & { readonly statsPath: string },
  files: EncodeFiles,
  run: RunOptions,
): Promise<EncodeReport> {
  const half = (spec.chunk.end - spec.chunk.first) / 2;
  const reportFrom = (start: number) => (progress: { readonly frames: number; readonly fps: number }) =>
    files.onProgress?.({ frames: start + progress.frames / 2, fps: progress.fps / 2 });
  const { sourcePath } = files;
  const environment = spec.burnInFiles?.environment;
  const first = await runFirstPass(
    { ...spec, pass: { number: 1, statsPath } },
    { sourcePath, environment, onProgress: reportFrom(0) },
    run,
  );
  const pass = { number: 2, statsPath, ...(await learned(spec, statsPath)) } as const;
  const report = await encodePrepared({ ...spec, pass }, { ...files, onProgress: reportFrom(half) }, run);
  const cpuSeconds = report.cpuSeconds === null ? null : report.cpuSeconds + first.cpuSeconds;
  return { ...report, wallSeconds: report.wallSeconds + first.wallSeconds, cpuSeconds };
}

async function learned(spec: EncodeSpec, statsPath: string): Promise<Pick<Pass, 'rateFactor'>> {
  return learnsBySize(spec.video) ? { rateFactor: rateFactor(spec, (await stat(statsPath)).size) } : {};
}

function encodePrepared(spec: Prepared, files: EncodeFiles, run: RunOptions): Promise<EncodeReport> {
  const args = encodeArgs(spec, files.sourcePath, files.outputPath);
  return runEncode(spec, args, { ...files, run, environment: spec.burnInFiles?.environment });
}

interface EncodeRun {
  readonly run: RunOptions;
  readonly environment?: Readonly<Record<string, string>> | undefined;
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
  files: Omit<EncodeFiles, 'sourcePath'> & EncodeRun,
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
  { onProgress, onEncoded, run, environment }: Pick<EncodeFiles, 'onProgress' | 'onEncoded'> & EncodeRun,
): Promise<Encoded> {
  const parser = encodeLogParser();
  const finished = await runFfmpeg(args, run, {
    failureCode: 'ENCODE_FAILED',
    onStderrLine: parser.add,
    environment,
    onProgress: ({ frames, fps }) => onProgress?.({ frames, fps }),
  });
  onEncoded?.();
  const { log } = parser;
  if (log.autoScaler !== null) throw new FarmError('AUTO_SCALER', { details: { line: log.autoScaler } });
  if (log.missingGlyph !== null) throw missingGlyph(log.missingGlyph);
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

/** An empty box in place of a letter is no right output. */
function missingGlyph(line: string): FarmError {
  const code = /glyph 0x([0-9A-Fa-f]+)/.exec(line)?.[1]?.toUpperCase().padStart(4, '0') ?? '?';
  return new FarmError('FONT_MISSING', {
    message: `The subtitles use the character U+${code}, which no font of the program or the source has.`,
    details: { line },
  });
}

/** FFmpeg would begin its filters again, and with them the clock of the chunk. */
export function assertOneSize(sizes: readonly string[]): void {
  const changed = sizes.find((size) => size !== sizes[0]);
  if (changed === undefined) return;
  throw new FarmError('UNSUPPORTED_MEDIA', {
    message: `The picture changes its size in the middle of the film, from ${sizes[0]} to ${changed}.`,
    details: { sizes: sizes.slice(0, 10) },
  });
}
