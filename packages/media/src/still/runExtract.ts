import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BugError, FarmError } from '@reelmill/protocol';
import { assertOneSize } from '../encode/encodeChunk.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { checkAnimation } from './checkAnimation.ts';
import { checkImages, patternIn } from './checkImages.ts';
import { extractArgs, filterGraph } from './extractArgs.ts';
import { contrastOf, type ExtractLog, extractLogParser, showsSomething } from './extractLog.ts';
import { packImages } from './imageArchive.ts';
import type { ExtractReport, ExtractSpec, Passage } from './stillManifest.ts';
import { imageExtension, imageName, imagesOf } from './stillTasks.ts';

export interface ExtractFiles {
  readonly sourcePath: string;
  /** An archive of images, one image, or an animation; `pictures` beside it is scratch meanwhile. */
  readonly outputPath: string;
  readonly onProgress?: (progress: { readonly frames: number; readonly fps: number }) => void;
  readonly onEncoded?: (() => void) | undefined;
}

interface Work extends ExtractFiles {
  readonly spec: ExtractSpec;
  readonly folder: string;
  readonly run: RunOptions;
}

type Made = Omit<ExtractReport, 'kind' | 'wallSeconds'>;

/**
 * Makes the pictures of one task and checks them: exactly the frames planned, every image decodes and has its size.
 * @throws FarmError ENCODE_FAILED, UNSUPPORTED_MEDIA, DISK_FULL, AUTO_SCALER, FRAME_COUNT, TIMESTAMPS_WRONG, DECODE_FAILED,
 * CANCELED
 */
export async function runExtract(spec: ExtractSpec, files: ExtractFiles, run: RunOptions): Promise<ExtractReport> {
  const startedMs = performance.now();
  const folder = join(dirname(files.outputPath), 'pictures');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  try {
    const made = await makerOf(spec)({ ...files, spec, folder, run });
    return { kind: 'extract', ...made, wallSeconds: (performance.now() - startedMs) / 1000 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function makerOf({ output }: ExtractSpec): (work: Work) => Promise<Made> {
  switch (output.form) {
    case 'picture':
      return bestPicture;
    case 'animation':
      return animation;
    case 'frames':
    case 'sheets':
      return images;
  }
}

async function images(work: Work): Promise<Made> {
  const { spec, folder, run } = work;
  const { firstNumber, output, picture } = spec;
  const passage = onlyPassage(spec);
  const count = imagesOf(spec, passage);
  const pattern = imageName(output, 0).replace(/0+/, (zeros) => `%0${zeros.length}d`);
  const path = patternIn(folder, pattern);
  const log = await decode(work, passage, path);
  work.onEncoded?.();
  const grid = output.form === 'sheets' ? output : { columns: 1, rows: 1 };
  const size = { width: picture.width * grid.columns, height: picture.height * grid.rows };
  await checkImages({ path, demuxer: 'image2', firstNumber, count, size }, run);
  const names = Array.from({ length: count }, (_, at) => imageName(output, firstNumber + at));
  await packImages(folder, names, work.outputPath);
  return { frames: passage.picks.length, images: count, chosenFrame: null, decodeErrors: log.errorLines };
}

async function animation(work: Work): Promise<Made> {
  const passage = onlyPassage(work.spec);
  const log = await decode(work, passage, work.outputPath);
  work.onEncoded?.();
  const checked = await checkAnimation(work.spec, work, work.run);
  return { frames: passage.picks.length, images: checked.frames, chosenFrame: null, decodeErrors: log.errorLines };
}

/** The first candidate that is neither black nor blank; where none is, the one with the most contrast. */
async function bestPicture(work: Work): Promise<Made> {
  const { folder, outputPath, spec } = work;
  const pattern = `%d.${imageExtension(spec.output)}`;
  let best: { number: number; log: ExtractLog } | null = null;
  for (const [at, passage] of spec.passages.entries()) {
    const number = at + 1;
    const log = await decode({ ...work, spec: { ...spec, firstNumber: number } }, passage, patternIn(folder, pattern));
    if (best === null || contrastOf(log.brightness) > contrastOf(best.log.brightness)) best = { number, log };
    if (!showsSomething(log.brightness)) continue;
    best = { number, log };
    break;
  }
  if (best === null) throw new BugError('a picture without candidates');
  work.onEncoded?.();
  const { width, height } = spec.picture;
  const chosen = { path: patternIn(folder, pattern), firstNumber: best.number, count: 1 };
  await onlyThat(folder, { number: best.number, candidates: spec.passages.length, pattern });
  await checkImages({ ...chosen, demuxer: 'image2', size: { width, height } }, work.run);
  await rename(join(folder, pattern.replace('%d', String(best.number))), outputPath);
  const chosenFrame = spec.passages[best.number - 1]?.picks[0]?.frame ?? null;
  return { frames: 1, images: 1, chosenFrame, decodeErrors: best.log.errorLines };
}

/** The check reads numbered files up to the first gap. */
async function onlyThat(
  folder: string,
  { number, candidates, pattern }: { number: number; candidates: number; pattern: string },
): Promise<void> {
  for (let other = 1; other <= candidates; other += 1) {
    if (other !== number) await rm(join(folder, pattern.replace('%d', String(other))), { force: true });
  }
}

function onlyPassage({ passages }: ExtractSpec): Passage {
  const [passage] = passages;
  if (passage === undefined || passages.length !== 1) throw new BugError(`${passages.length} passages in one task`);
  return passage;
}

/** Longer filter graphs go through a file: command lines have limits. */
const longestGraph = 16_000;

/** Runs FFmpeg over one passage; the frames it picked are the planned ones when this resolves. */
async function decode(work: Work, passage: Passage, outputPath: string): Promise<ExtractLog> {
  const { folder, run, sourcePath, spec } = work;
  const graph = filterGraph(spec, passage);
  const filterScript = graph.length > longestGraph ? join(folder, 'filters') : null;
  if (filterScript !== null) await writeFile(filterScript, graph);
  const parser = extractLogParser((frames) => work.onProgress?.({ frames, fps: 0 }));
  await runFfmpeg(extractArgs(spec, passage, { sourcePath, outputPath, filterScript }), run, {
    failureCode: 'ENCODE_FAILED',
    onStderrLine: parser.add,
  });
  const log = parser.log();
  if (log.encode.autoScaler !== null) throw new FarmError('AUTO_SCALER', { details: { line: log.encode.autoScaler } });
  assertOneSize(log.encode.sizes);
  assertPlannedFrames(passage, log.shownPts);
  return log;
}

function assertPlannedFrames({ picks }: Passage, shownPts: readonly number[]): void {
  if (shownPts.length !== picks.length) {
    throw new FarmError('FRAME_COUNT', {
      message: `${shownPts.length} frames instead of ${picks.length}.`,
      details: { frames: shownPts.length, planned: picks.length },
    });
  }
  for (const [at, { frame, fromPts, endPts }] of picks.entries()) {
    const pts = shownPts[at] ?? 0;
    if ((fromPts === null || pts >= fromPts) && (endPts === null || pts < endPts)) continue;
    throw new FarmError('TIMESTAMPS_WRONG', {
      message: `In place of frame ${frame} another one came.`,
      details: { frame, pts, fromPts, endPts },
    });
  }
}
