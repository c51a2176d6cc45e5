import { BugError, FarmError } from '@reelmill/protocol';
import type { Manifest } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { firstShownSeconds, readPackets } from '../verify/readPackets.ts';
import { type AudioInput, assembleArgs, needsPrimingTrim } from './assembleArgs.ts';
import { assertSameCodecConfiguration } from './codecConfiguration.ts';
import { concatList } from './concatList.ts';
import { trimPriming } from './trimPriming.ts';
import { writeRotation } from './writeRotation.ts';

export interface AssemblyFiles {
  /** One per chunk of the plan, in its order. */
  readonly segmentPaths: readonly string[];
  readonly audioPath: string | null;
  /** For side streams (subtitles, chapters); unused so far. */
  readonly sourcePath: string | null;
  readonly outputPath: string;
  /** 0 to 100. */
  readonly onProgress?: (percent: number) => void;
}

/**
 * Joins the chunks of a rendition and its sound into one file, copying packets. The same inputs give the same bytes.
 * @throws FarmError CHUNKS_INCOMPATIBLE, FRAME_COUNT when a chunk is missing, VERIFY_FAILED when FFmpeg fails,
 * DISK_FULL, CANCELED.
 */
export async function assembleRendition(manifest: Manifest, files: AssemblyFiles, run: RunOptions): Promise<void> {
  assertComplete(manifest, files);
  const [audio] = await Promise.all([
    files.audioPath === null ? null : measureAudio(files.audioPath, run),
    assertSameCodecConfiguration(files.segmentPaths),
  ]);
  await runFfmpeg(assembleArgs(manifest, audio, files.outputPath), run, {
    stdin: listBytes(concatList(manifest, files.segmentPaths)),
    onProgress: ({ outTimeSeconds }) => files.onProgress?.(percentOf(outTimeSeconds, manifest.durationSeconds)),
    failureCode: 'VERIFY_FAILED',
  });
  await completeBoxes(manifest, audio, files.outputPath);
  files.onProgress?.(100);
}

/** What FFmpeg's muxer cannot be told to write, patched in place: no size changes. */
async function completeBoxes(manifest: Manifest, audio: AudioInput | null, outputPath: string): Promise<void> {
  if (manifest.container === 'mkv') return;
  if (audio && manifest.audio && needsPrimingTrim(manifest, audio)) {
    const timescale = manifest.audio.sampleRate;
    await trimPriming(outputPath, { ticks: Math.round(audio.primingSeconds * timescale), timescale });
  }
  if (manifest.video.rotationTag !== 0) await writeRotation(outputPath, manifest.video.rotationTag);
}

function assertComplete(manifest: Manifest, files: AssemblyFiles): void {
  if (files.segmentPaths.length !== manifest.chunks.length) {
    const details = { planned: manifest.chunks.length, found: files.segmentPaths.length };
    throw new FarmError('FRAME_COUNT', { message: 'The join did not get every chunk of the plan.', details });
  }
  if ((manifest.audio === null) !== (files.audioPath === null)) throw new BugError('audio differs from the plan');
}

/** One pass over the audio file's packets: where its real sound begins. */
async function measureAudio(path: string, run: RunOptions): Promise<AudioInput> {
  const stream = (await readPackets(path, run)).find(({ codecType }) => codecType === 'audio');
  const first = stream && firstShownSeconds(stream);
  if (!stream || first === null || first === undefined) {
    throw new FarmError('VERIFY_FAILED', { message: 'The encoded audio holds no sound.', details: { path } });
  }
  const earliest = ((stream.pts[0] ?? 0) * stream.timeBase.num) / stream.timeBase.den;
  return { path, primingSeconds: Math.max(0, first - earliest), firstSeconds: Math.max(0, first) };
}

function percentOf(doneSeconds: number | null, wholeSeconds: number): number {
  if (doneSeconds === null || wholeSeconds <= 0) return 0;
  return Math.min(99, Math.max(0, (100 * doneSeconds) / wholeSeconds));
}

async function* listBytes(list: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(list, 'utf8');
}
