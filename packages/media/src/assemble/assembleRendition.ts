import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BugError, FarmError } from '@reelmill/protocol';
import { soundTracks } from '../audio/soundTracks.ts';
import { type AudioReport, type FilmManifest, isFilm, type Manifest } from '../manifest.ts';
import { readsSource } from '../plan/sidePlan.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { type AudioInput, assembleArgs, needsPrimingTrim } from './assembleArgs.ts';
import { assembleSound } from './assembleSound.ts';
import { assertSameCodecConfiguration } from './codecConfiguration.ts';
import { concatList } from './concatList.ts';
import { isMatroska } from './containers.ts';
import { extractSide } from './extractSide.ts';
import { trimPriming } from './trimPriming.ts';
import { writeRotation } from './writeRotation.ts';

export interface AssemblyFiles {
  /** One per chunk of the plan, in its order. */
  readonly segmentPaths: readonly string[];
  /** One per audio track of the plan, in the order of `soundTracks`. */
  readonly audioPaths: readonly string[];
  /** What their tasks measured. */
  readonly sounds: readonly AudioReport[];
  /** Needed where `readsSource(manifest.side)`. */
  readonly sourcePath: string | null;
  /** An existing folder for small files of the join, removed by the caller; default: beside the output. */
  readonly scratchFolder?: string;
  readonly outputPath: string;
  /** 0 to 100. */
  readonly onProgress?: (percent: number) => void;
}

/**
 * Joins the chunks of a rendition, its sound and all else its plan carries over into one file, copying packets. The
 * same inputs give the same bytes.
 * @returns sentences for people about what could not be carried over as planned.
 * @throws FarmError CHUNKS_INCOMPATIBLE, FRAME_COUNT when a chunk is missing, VERIFY_FAILED when FFmpeg fails,
 * DECODE_FAILED when the source's subtitles or attachments cannot be read, DISK_FULL, CANCELED.
 */
export async function assembleRendition(
  manifest: Manifest,
  files: AssemblyFiles,
  run: RunOptions,
): Promise<{ readonly warnings: readonly string[] }> {
  if (!isFilm(manifest)) return joinSound(manifest, files, run);
  return joinFilm(manifest, files, run);
}

async function joinSound(manifest: Manifest, files: AssemblyFiles, run: RunOptions) {
  const [audioPath] = files.audioPaths;
  if (audioPath === undefined) throw new BugError('audio differs from the plan');
  const { outputPath } = files;
  const folder = await mkdtemp(join(files.scratchFolder ?? dirname(outputPath), '.join-'));
  const onSeconds = (done: number | null) => files.onProgress?.(percentOf(done, manifest.durationSeconds));
  try {
    await assembleSound(manifest, { audioPath, folder, outputPath, onSeconds }, run);
    files.onProgress?.(100);
    return { warnings: [] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function joinFilm(manifest: FilmManifest, files: AssemblyFiles, run: RunOptions) {
  assertComplete(manifest, files);
  // reading the source for its subtitles takes as long as its bytes do
  const sideShare = readsSource(manifest.side) ? 0.3 : 0;
  const report = (from: number, share: number) => (done: number | null) =>
    files.onProgress?.(100 * from + share * percentOf(done, manifest.durationSeconds));
  const folder = await mkdtemp(join(files.scratchFolder ?? dirname(files.outputPath), '.join-'));
  try {
    const sounds = audioInputs(manifest, files);
    const [side] = await Promise.all([
      extractSide(manifest, { sourcePath: files.sourcePath, folder, onSeconds: report(0, sideShare) }, run),
      assertSameCodecConfiguration(files.segmentPaths),
    ]);
    const onSeconds = report(sideShare, 1 - sideShare);
    await runFfmpeg(assembleArgs(manifest, { sounds, side }, files.outputPath), run, {
      stdin: listBytes(concatList(manifest, files.segmentPaths)),
      onProgress: ({ outTimeSeconds }) => onSeconds(outTimeSeconds),
      failureCode: 'VERIFY_FAILED',
    });
    await completeBoxes(manifest, sounds, files.outputPath);
    files.onProgress?.(100);
    return { warnings: side.warnings };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What FFmpeg's muxer cannot be told to write, patched in place: no size changes. */
async function completeBoxes(manifest: FilmManifest, sounds: readonly AudioInput[], outputPath: string): Promise<void> {
  if (isMatroska(manifest.container)) return;
  for (const [track, sound] of sounds.entries()) {
    if (!needsPrimingTrim(manifest, sound)) continue;
    const timescale = sound.audio.sampleRate;
    await trimPriming(outputPath, { track, ticks: Math.round(sound.primingSeconds * timescale), timescale });
  }
  if (manifest.video.rotationTag !== 0) await writeRotation(outputPath, manifest.video.rotationTag);
}

function assertComplete(manifest: Manifest, files: AssemblyFiles): void {
  if (files.segmentPaths.length !== manifest.chunks.length) {
    const details = { planned: manifest.chunks.length, found: files.segmentPaths.length };
    throw new FarmError('FRAME_COUNT', { message: 'The join did not get every chunk of the plan.', details });
  }
}

function audioInputs(manifest: Manifest, { audioPaths, sounds }: AssemblyFiles): AudioInput[] {
  return soundTracks(manifest).map(({ audio }, at) => {
    const [path, sound] = [audioPaths[at], sounds[at]];
    if (path === undefined || sound === undefined) throw new BugError('audio differs from the plan');
    const { primingSeconds, firstSeconds } = sound;
    return { audio, path, primingSeconds, firstSeconds };
  });
}

function percentOf(doneSeconds: number | null, wholeSeconds: number): number {
  if (doneSeconds === null || wholeSeconds <= 0) return 0;
  return Math.min(99, Math.max(0, (100 * doneSeconds) / wholeSeconds));
}

async function* listBytes(list: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(list, 'utf8');
}
