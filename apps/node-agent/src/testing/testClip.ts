import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  checkSource,
  type EncodeSpec,
  type FfmpegTools,
  findPreset,
  indexSource,
  loadTimedPresets,
  manifestTasks,
  planRendition,
  probeSource,
} from '@reelmill/media';
import { JobId, type SourceIdentity, TaskId, TaskOffer } from '@reelmill/protocol';

export interface TestClip {
  readonly path: string;
  readonly identity: SourceIdentity;
  readonly chunks: readonly EncodeSpec[];
}

export interface ClipWish {
  readonly path: string;
  readonly seconds: number;
  /** e.g. `320x180`. */
  readonly size: string;
  readonly chunkSeconds: number;
  readonly speed: string;
  /** An SRT file: its lines and timecode are drawn into the picture. */
  readonly subtitlePath?: string;
}

/** A moving picture with a tone, and its real plan. */
export async function makeClip(wish: ClipWish, tools: FfmpegTools): Promise<TestClip> {
  const { path, seconds, size, chunkSeconds, speed } = wish;
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
  const { subtitlePath } = wish;
  const text = subtitlePath === undefined ? [] : ['-i', subtitlePath, '-c:s', 'mov_text'];
  const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25', '-c:a', 'aac'];
  await promisify(execFile)(tools.ffmpegPath, ['-v', 'error', '-y', ...picture, ...sound, ...text, ...coding, path]);
  const run = { tools, signal: new AbortController().signal };
  const info = await probeSource(path, run);
  const identity = await checkSource(path);
  const manifest = planRendition({
    info,
    index: await indexSource(path, info, run),
    identity,
    preset: findPreset(await loadTimedPresets(), 'h264-720p'),
    settings: { speed, ...(subtitlePath === undefined ? {} : { timecode: 'top', subtitle: 'default' }) },
    chunkSeconds,
    threads: 1,
    toolchainClass: tools.toolchain.classId,
    verify: 'seams',
  });
  return { path, identity, chunks: manifestTasks(manifest).encode.map(({ spec }) => spec) };
}

/** The offer of one chunk, source in place. */
export function offerOfChunk(clip: TestClip, chunk: number, attempt = 1): TaskOffer {
  const jobId = JobId.parse('J-abcdefghij');
  return TaskOffer.parse({
    taskId: TaskId.parse(`${jobId}/h264-720p/encode-${String(chunk).padStart(4, '0')}`),
    attempt,
    jobId,
    kind: 'encode',
    leaseTtlMs: 10_000,
    source: { kind: 'in-place', identity: clip.identity },
    inputs: [],
    spec: clip.chunks[chunk],
  });
}
