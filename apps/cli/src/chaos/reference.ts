import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type FfmpegTools, frameHashes } from '@reelmill/media';
import type { JobView } from '@reelmill/protocol';
import { BrokenPromise } from './chaosCase.ts';

const run = promisify(execFile);

export const clipSeconds = 6;
export const framesPerSecond = 25;
export const clipFrames = clipSeconds * framesPerSecond;
/** Every job of the suite: small, so that what is measured is the farm and not an encoder. */
export const chaosOrder = {
  preset: 'h264-320p',
  settings: { speed: 'ultrafast' },
  chunkSeconds: 1,
} as const;

/** A film of six seconds with sound, drawn by the farm's own FFmpeg. */
export async function drawClip(path: string, { ffmpegPath }: FfmpegTools): Promise<void> {
  const picture = `testsrc2=size=320x180:rate=${framesPerSecond}:duration=${clipSeconds}`;
  const tone = `sine=frequency=440:sample_rate=48000:duration=${clipSeconds}`;
  await run(ffmpegPath, [
    ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', tone],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(framesPerSecond), '-pix_fmt', 'yuv420p'],
    ...['-c:a', 'aac', '-y', path],
  ]);
}

export const sha256Of = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

/** What every case renders, and what it must come to. */
export interface Measure {
  readonly clip: string;
  readonly reference: Reference;
}

/** What the undisturbed run made of the clip, and what the clip was. */
export interface Reference {
  readonly outputSha256: string;
  readonly frames: number;
  readonly chunks: number;
  readonly sourceSha256: string;
}

/** Takes an undisturbed job as the measure of all others: it must itself have every frame of its source. */
export async function referenceOf(
  job: JobView,
  { clip, tools, signal }: { clip: string; tools: FfmpegTools; signal: AbortSignal },
): Promise<Reference> {
  const [output] = job.outputs;
  if (job.state !== 'done' || output === undefined)
    throw new BrokenPromise(`The undisturbed run failed: ${JSON.stringify(job.error)}`);
  const frames = (await frameHashes(output.path, { tools, signal })).length;
  if (frames !== clipFrames) throw new BrokenPromise(`The undisturbed run made ${frames} of ${clipFrames} frames.`);
  return {
    outputSha256: await sha256Of(output.path),
    frames,
    chunks: job.chunksTotal,
    sourceSha256: await sha256Of(clip),
  };
}
