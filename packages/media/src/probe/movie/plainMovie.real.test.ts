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
import { readDemuxer } from '../checkSource.ts';
import { probeSource } from '../probeSource.ts';
import { readPlainMovie } from './plainMovie.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-tables-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const plainClips = ['d01', 'd02', 'd11', 'd21', 'd25', 'd28'];

test.each(sharedClips('all'))('%s: what the tables say is what FFprobe says', async (name, path) => {
  if ((await readDemuxer(path)) !== 'mov') return;
  const result = await comparedWithFfprobe(path, 'mov');
  if (plainClips.includes(name.slice(0, 3))) expect(result).toBe('same');
});

const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=128x72:rate=30000/1001:duration=4'];
const sound = ['-f', 'lavfi', '-i', 'sine=duration=4.3'];
const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '40', '-pix_fmt', 'yuv420p'];
const open = ['-x264-params', 'open-gop=1:keyint=20:bframes=3:scenecut=0:b-adapt=0'];
const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'keyint=20:log-level=error'];
const plain: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['with sound.mp4', [...picture, ...sound, ...x264, '-c:a', 'aac']],
  ['index first.mp4', [...picture, ...sound, ...x264, '-c:a', 'aac', '-movflags', '+faststart']],
  ['open GOP.mp4', [...picture, ...x264, ...open]],
  ['B pyramid.mp4', [...picture, ...x264, '-bf', '8', '-b_strategy', '0', '-x264-params', 'b-pyramid=normal']],
  ['HEVC.mp4', [...picture, ...sound, ...x265, '-tag:v', 'hvc1', '-c:a', 'aac']],
  ['ProRes.mov', [...picture, '-c:v', 'prores_ks', '-pix_fmt', 'yuv422p10le']],
  ['AC-3.mp4', [...picture, ...sound, ...x264, '-c:a', 'ac3']],
  ['E-AC-3.mp4', [...picture, ...sound, ...x264, '-c:a', 'eac3']],
  ['ALAC.mov', [...picture, ...sound, ...x264, '-c:a', 'alac']],
  ['weighted.mp4', [...picture, ...x264, '-vf', 'fade=in:0:60', '-x264-params', 'weightp=2:ref=8']],
  ['headers in each group.mp4', [...picture, ...x264, '-x264-params', 'repeat-headers=1:aud=1:slices=3']],
  ['negative offsets.mp4', [...picture, ...x264, '-movflags', '+negative_cts_offsets']],
  ['picture late.mp4', ['-itsoffset', '0.7', ...picture, ...sound, ...x264, '-c:a', 'aac']],
  [
    'two sounds and text.mp4',
    [...picture, ...sound, ...sound, '-map', '0', '-map', '1', '-map', '2', ...x264, '-c:a', 'aac'],
  ],
];

test.each(plain)('%s: plain, and as FFprobe says', async (name, args) => {
  const path = join(folder, name);
  await runFfmpeg([...args, '-y', path], run);
  expect(await comparedWithFfprobe(path, 'mov')).toBe('same');
});

/** Edits that hide pictures, and fragments. */
const left = ['fragmented mp4', 'edit list that starts inside a GOP', 'start at -0.4 s'];
test.each(sourceKinds.filter(({ extension }) => extension === 'mp4').map((kind) => [kind.name, kind] as const))(
  '%s',
  async (name, kind) => {
    const path = join(folder, 'kind.mp4');
    await makeSource({ ...kind, frames: 120 }, path, run);
    expect(await comparedWithFfprobe(path, 'mov')).toBe(left.includes(name) ? 'left' : 'same');
  },
);

test.each([
  ['raw sound', ['-c:a', 'pcm_s16le', '-f', 'mov']],
  ['VP9', ['-c:v', 'libvpx-vp9', '-an']],
  [
    'encrypted',
    ['-an', '-encryption_scheme', 'cenc-aes-ctr', '-encryption_key', '0'.repeat(32), '-encryption_kid', '0'.repeat(32)],
  ],
])('%s is left to FFprobe', async (_, args) => {
  const path = join(folder, 'other.mp4');
  await runFfmpeg([...picture, ...sound, '-frames:v', '30', ...x264, ...args, '-y', path], run);
  expect(await comparedWithFfprobe(path, 'mov')).toBe('left');
});

test('bits turned over: whatever FFprobe complains about is left to it', async () => {
  const path = join(folder, 'victim.mp4');
  await runFfmpeg([...picture, ...x264, '-b:v', '60k', '-movflags', '+faststart', '-y', path], run);
  const victim = await readFile(path);
  const results = [];
  for (let seed = 1; seed <= 12; seed += 1) {
    await writeFile(path, flipBits(victim, seed, seed % 4 === 0 ? 1 : 12));
    results.push(await comparedWithFfprobe(path, 'mov').catch((thrown) => thrown.code ?? Promise.reject(thrown)));
  }
  expect(results).toContain('left');
});

test.each(sharedClips('all', ['d01', 'd21', 'd28']))('%s: sound starts where it does for itself', async (_, path) => {
  const plain = await readPlainMovie(path, { ...run, onBytes: () => {} });
  const { audioTracks } = await probeSource(path, run);
  expect(audioTracks.length).toBeGreaterThan(0);
  expect([...(plain?.soundStarts ?? [])].sort()).toEqual(
    audioTracks.map((track) => [track.index, track.startSeconds]).sort(),
  );
});
