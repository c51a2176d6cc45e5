import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeChunk } from '../encode/encodeChunk.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { planLocally, renderLocally } from '../testing/renderLocally.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { testRun } from '../testing/testRun.ts';
import { manifestTasks } from './manifestTasks.ts';

const run = testRun();
let folder = '';
let busy = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-size-'));
  busy = join(folder, 'busy.mp4');
  const picture = 'testsrc2=size=480x270:rate=25:duration=4,noise=alls=12:allf=t';
  const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=4'];
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '16', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  await runFfmpeg([...inputs, ...encode, '-y', busy], run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

const speeds: Readonly<Record<string, string>> = { webm_720p: '5', 'hevc-2160p': 'ultrafast', 'av1-1080p': '12' };

async function meets(path: string, { presetId, bytes }: { presetId: string; bytes: number }, name: string) {
  const speed = speeds[presetId] ?? 'veryfast';
  const settings = { size: String(bytes), speed };
  const order = { presetId, settings, chunkSeconds: 2, verify: 'seams', folder: join(folder, name) } as const;
  const { manifest, report, outputPath } = await renderLocally(path, order, run);
  const { size } = await stat(outputPath);
  expect(size / bytes).toBeGreaterThanOrEqual(0.9);
  expect(size / bytes).toBeLessThanOrEqual(1.02);
  expect(report.frames).toBe(manifest.frames);
  expect((await readdir(order.folder)).filter((left) => left.startsWith('.encode-'))).toEqual([]);
  return { manifest, outputPath };
}

test.each([
  { presetId: 'h264-25mb', bytes: 340_000 },
  { presetId: 'hevc-2160p', bytes: 240_000 },
  // Opus needs less for a tone than it may spend
  { presetId: 'webm_720p', bytes: 600_000 },
  { presetId: 'av1-1080p', bytes: 300_000 },
])('$presetId meets $bytes bytes', { timeout: 120_000 }, async (wish) => {
  const { manifest } = await meets(busy, wish, wish.presetId);
  expect(manifest).toMatchObject({ plan: 'whole', frames: 100 });
});

test('made again it has the same bytes', async () => {
  const wish = { presetId: 'h264-25mb', bytes: 200_000 };
  const [first, again] = [await meets(busy, wish, 'first'), await meets(busy, wish, 'again')];
  expect(await sha256(again.outputPath)).toBe(await sha256(first.outputPath));
});

test.each(sharedClips('all', ['d01']))('%s, of variable rate, meets its size', async (name, path) => {
  await meets(path, { presetId: 'h264-25mb', bytes: 1_500_000 }, name);
});

test('both passes count as progress, which never goes back', async () => {
  const order = { presetId: 'h264-25mb', settings: { size: '340kB', speed: 'medium' }, chunkSeconds: 2 } as const;
  const manifest = await planLocally(busy, { ...order, verify: 'seams', folder }, run);
  const [task] = manifestTasks(manifest).encode;
  const seen: number[] = [];
  const onProgress = ({ frames }: { frames: number }) => void seen.push(frames);
  if (task) await encodeChunk(task.spec, { sourcePath: busy, outputPath: join(folder, 'p.mp4'), onProgress }, run);
  expect(seen).toEqual([...seen].sort((one, other) => one - other));
  expect(seen.some((frames) => frames > 0 && frames <= 50)).toBe(true);
  expect(seen.at(-1)).toBe(100);
});
