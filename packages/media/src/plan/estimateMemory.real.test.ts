import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeChunk } from '../encode/encodeChunk.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { checkSource } from '../probe/checkSource.ts';
import { indexSource } from '../probe/indexSource.ts';
import { probeSource } from '../probe/probeSource.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { memoryWatch } from '../testing/memoryWatch.ts';
import { testRun } from '../testing/testRun.ts';
import { estimateMemoryBytes } from './estimateMemory.ts';
import { manifestTasks } from './manifestTasks.ts';
import { planRendition } from './planRendition.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-memory-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A noisy picture that moves: encoders fill everything they have. */
async function makeSource(size: string, frames: number): Promise<string> {
  const path = join(folder, `${size}.mp4`);
  const picture = `testsrc2=size=${size}:rate=25,format=yuv420p,noise=alls=10:allf=t`;
  const coding = ['-frames:v', String(frames), '-c:v', 'libx264', '-preset', 'superfast', '-bf', '2', '-g', '250'];
  await runFfmpeg(['-f', 'lavfi', '-i', picture, ...coding, '-y', path], run);
  return path;
}

/** Encodes the second of two chunks, which has a seam and a warm-up. */
async function measured(order: { size: string; frames: number; preset: string; speed: string | null }) {
  const source = await makeSource(order.size, order.frames);
  const info = await probeSource(source, run);
  const plan = planRendition({
    ...{ info, index: await indexSource(source, info, run), identity: await checkSource(source) },
    ...{
      preset: findPreset(await loadTimedPresets(), order.preset),
      settings: order.speed === null ? {} : { speed: order.speed },
    },
    ...{ chunkSeconds: order.frames / 50, threads: 1, toolchainClass: 'test', verify: 'seams' },
  });
  const spec = manifestTasks(plan).encode[1]?.spec;
  if (spec === undefined) throw new Error('not cut in two');
  const watch = memoryWatch();
  const outputPath = join(folder, `out.${spec.video.chunkContainer}`);
  await encodeChunk(spec, { sourcePath: source, outputPath }, { ...run, launcher: watch.launcher });
  watch.stop();
  return { estimated: estimateMemoryBytes(spec, info.video), peak: watch.peakBytes() };
}

test.runIf(process.platform === 'linux').each([
  { size: '640x360', frames: 140, preset: 'h264-1080p', speed: 'medium' },
  { size: '1920x1080', frames: 24, preset: 'h264-1080p', speed: 'ultrafast' },
  { size: '480x270', frames: 120, preset: 'hevc-2160p', speed: 'fast' },
  { size: '640x360', frames: 200, preset: 'av1-1080p', speed: '12' },
  { size: '1280x720', frames: 20, preset: 'ffv1-archive', speed: null },
])('$preset of $size takes no more memory than was estimated, and not much less', async (order) => {
  const { estimated, peak } = await measured(order);
  const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`;
  console.info(`${order.preset} of ${order.size}: estimated ${mebibytes(estimated)}, peak ${mebibytes(peak)}`);
  expect(peak).toBeLessThanOrEqual(estimated);
  expect(estimated).toBeLessThan(2.5 * peak);
});
