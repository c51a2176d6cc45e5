import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFfmpeg } from '../../process/runFfmpeg.ts';
import { flipBits } from '../../testing/hostileFiles.ts';
import { comparedWithFfprobe } from '../../testing/plainLists.ts';
import { sharedClips } from '../../testing/sharedClips.ts';
import { makeSource, sourceKinds } from '../../testing/sourceKinds.ts';
import { testRun } from '../../testing/testRun.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-blocks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(sharedClips('all', ['d13', 'd14', 'd20', 'd26']))(
  '%s: what the blocks say is what FFprobe says',
  async (_, path) => {
    // AV1 and VP9 go through parsers that see more than the blocks say; sound of d20 is laced
    expect(await comparedWithFfprobe(path, 'matroska')).toBe('left');
  },
);

const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=128x72:rate=30000/1001:duration=4'];
const sound = ['-f', 'lavfi', '-i', 'sine=duration=4.3'];
const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '40', '-pix_fmt', 'yuv420p'];
const withSound = [...picture, ...sound, ...x264, '-c:a', 'aac'];

test.each([
  ['with sound', withSound],
  ['with AC-3', [...picture, ...sound, ...x264, '-c:a', 'ac3']],
  ['without cues', [...withSound, '-cues_to_front', '0', '-live', '0', '-cluster_size_limit', '20k']],
  ['open GOP', [...picture, ...x264, '-x264-params', 'open-gop=1:keyint=20:bframes=3:scenecut=0:b-adapt=0']],
  ['no B frames', [...picture, ...x264, '-bf', '0']],
  ['B pyramid', [...picture, ...x264, '-bf', '8', '-b_strategy', '0', '-x264-params', 'b-pyramid=normal']],
  ['sound late', [...picture, '-itsoffset', '0.7', ...sound, ...x264, '-c:a', 'aac']],
])('%s: plain, and as FFprobe says', async (_, args) => {
  const path = join(folder, 'plain.mkv');
  await runFfmpeg([...args, '-y', path], run);
  expect(await comparedWithFfprobe(path, 'matroska')).toBe('same');
});

test.each(sourceKinds.filter(({ extension }) => extension === 'mkv').map((kind) => [kind.name, kind] as const))(
  '%s',
  async (_, kind) => {
    const path = join(folder, 'kind.mkv');
    await makeSource({ ...kind, frames: 120 }, path, run);
    expect(await comparedWithFfprobe(path, 'matroska')).toBe('same');
  },
);

test.each([
  ['clusters of unknown size', [...withSound, '-live', '1']],
  ['Opus', [...picture, ...sound, ...x264, '-c:a', 'libopus']],
  ['HEVC', [...picture, '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error']],
  ['VP9', [...picture, '-frames:v', '30', '-c:v', 'libvpx-vp9']],
])('%s: left to FFprobe', async (_, args) => {
  const path = join(folder, 'other.mkv');
  await runFfmpeg([...args, '-y', path], run);
  expect(await comparedWithFfprobe(path, 'matroska')).toBe('left');
});

test('bits turned over: whatever FFprobe complains about is left to it', async () => {
  const path = join(folder, 'victim.mkv');
  await runFfmpeg([...picture, ...x264, '-b:v', '60k', '-y', path], run);
  const victim = await readFile(path);
  const results = [];
  for (let seed = 1; seed <= 12; seed += 1) {
    await writeFile(path, flipBits(victim, seed, seed % 4 === 0 ? 1 : 12));
    results.push(await comparedWithFfprobe(path, 'matroska').catch((thrown) => thrown.code ?? Promise.reject(thrown)));
  }
  expect(results).toContain('left');
});
