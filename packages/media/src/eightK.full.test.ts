import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Preset } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { estimateMemoryBytes } from './plan/estimateMemory.ts';
import { manifestTasks } from './plan/manifestTasks.ts';
import { planRendition } from './plan/planRendition.ts';
import { findPreset, loadTimedPresets } from './presets/loadPresets.ts';
import { checkSource } from './probe/checkSource.ts';
import { indexSource } from './probe/indexSource.ts';
import { probeSource } from './probe/probeSource.ts';
import { runFfmpeg } from './process/runFfmpeg.ts';
import { memoryWatch } from './testing/memoryWatch.ts';
import { renderPlan } from './testing/renderLocally.ts';
import { testRun } from './testing/testRun.ts';

const run = testRun();
let folder = '';
let source = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-8k-'));
  source = join(folder, '8k.mp4');
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=7680x4320:rate=25,format=yuv420p', '-frames:v', '32'];
  await runFfmpeg([...picture, '-c:v', 'libx264', '-preset', 'superfast', '-bf', '2', '-g', '16', '-y', source], run);
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A preset whose pictures fit 3840 by 2160. */
async function presetOf(id: string): Promise<Preset> {
  const preset = Preset.parse(findPreset(await loadTimedPresets(), id));
  return Preset.parse({ ...preset, video: { ...preset.video, box: { width: 3840, height: 2160 } } });
}

async function measured(id: string, speed: string) {
  const info = await probeSource(source, run);
  const plan = planRendition({
    ...{ info, index: await indexSource(source, info, run), identity: await checkSource(source) },
    ...{ preset: await presetOf(id), settings: { speed }, chunkSeconds: 0.64, threads: 1 },
    ...{ toolchainClass: run.tools.toolchain.classId, verify: 'seams' },
  });
  const estimates = manifestTasks(plan).encode.map(({ spec }) => estimateMemoryBytes(spec, info.video));
  const watch = memoryWatch();
  const startedMs = performance.now();
  const made = await renderPlan(plan, { sourcePath: source, folder }, { ...run, launcher: watch.launcher });
  watch.stop();
  const seconds = (performance.now() - startedMs) / 1000;
  return { plan, made, seconds, estimated: Math.max(...estimates), peak: watch.peakBytes() };
}

test.each([
  ['h264-1080p', 'veryfast', 'libx264'],
  ['hevc-2160p', 'ultrafast', 'libx265'],
])(
  '8K becomes 2160p as %s within the memory that was estimated',
  async (id, speed, encoder) => {
    const { plan, made, seconds, estimated, peak } = await measured(id, speed);
    const gibibytes = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(2)} GiB`;
    console.info(
      `8K to 2160p, ${encoder} ${speed}: ${gibibytes(peak)} of ${gibibytes(estimated)}, ${seconds.toFixed(1)} s`,
    );
    expect(plan.video).toMatchObject({ width: 3840, height: 2160, encoder });
    expect([plan.plan, plan.chunks.length, made.report.frames]).toEqual(['chunked', 2, 32]);
    if (process.platform === 'linux') expect(peak).toBeLessThanOrEqual(estimated);
    if (process.platform === 'linux') expect(estimated).toBeLessThan(2.5 * peak);
  },
  900_000,
);
