import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GapPolicy, ImageSequence } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { frameHashes } from '../identity/frameHashes.ts';
import { readSource } from '../probe/readSource.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { testRun } from '../testing/testRun.ts';
import { findSequences } from './findSequences.ts';
import { wrapSequence } from './wrapSequence.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-sequence-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const frames = 30;

/** A moving picture as numbered images in a folder of its own. */
async function drawImages(name: string, suffix: string, pixelFormat: string): Promise<ImageSequence> {
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=96x54:rate=24,format=${pixelFormat}`, '-frames:v', `${frames}`];
  await runFfmpeg([...picture, '-pix_fmt', pixelFormat, '-start_number', '8', `${own}/it's 100%% %04d${suffix}`], run);
  return { folder: own, prefix: "it's 100% ", suffix, digits: 4, first: 8, last: 7 + frames };
}

const wrap = (images: ImageSequence, gaps: GapPolicy = 'fail', frameRate = { num: 24000, den: 1001 }) =>
  wrapSequence(images, { settings: { frameRate, gaps }, outputPath: join(images.folder, 'wrapped.mov') }, run);

async function decodedImages({ folder, prefix, suffix }: ImageSequence): Promise<string[]> {
  const hashes: string[] = [];
  const input = ['-framerate', '24', '-start_number', '8', '-i', `${folder}/${prefix.replace('%', '%%')}%04d${suffix}`];
  await runFfmpeg([...input, '-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1'], run, {
    onStdoutLine: (line) => line.startsWith('#') || hashes.push(line.slice(line.lastIndexOf(',') + 1).trim()),
  });
  return hashes;
}

test.each([
  ['jpeg', '.jpg', 'yuvj420p'],
  ['png with alpha', '.png', 'rgba'],
  ['png 16 bit', '.PNG', 'rgb48be'],
  ['tiff', '.tif', 'rgb24'],
  ['exr', '.exr', 'gbrpf32le'],
  ['dpx', '.dpx', 'gbrp10be'],
])('%s images become a film of the same pictures at exact times', async (name, suffix, pixelFormat) => {
  const images = await drawImages(name, suffix, pixelFormat);
  expect(
    findSequences(images.folder, [`it's 100% 0008${suffix}`, `it's 100% 0009${suffix}`, `it's 100% 0010${suffix}`]),
  ).toHaveLength(1);
  await wrap(images);
  const path = join(images.folder, 'wrapped.mov');
  const { index } = await readSource(path, run);
  expect(index.pts).toEqual(Array.from({ length: frames }, (_, frame) => frame * 1001));
  expect(index.keyframePts).toEqual(index.pts);
  expect(await frameHashes(path, run)).toEqual(await decodedImages(images));
});

test('a gap is refused by name, held or closed, as asked', async () => {
  const images = await drawImages('gaps', '.png', 'rgb24');
  for (const number of ['0012', '0013', '0020']) await rm(join(images.folder, `it's 100% ${number}.png`));
  await expect(wrap(images)).rejects.toMatchObject({ code: 'SEQUENCE_GAPS', details: { missing: '12–13, 20' } });
  const path = join(images.folder, 'wrapped.mov');
  expect(await wrap(images, 'hold')).toMatchObject({ missing: '12–13, 20' });
  const held = await frameHashes(path, run);
  expect(held).toHaveLength(frames);
  expect(new Set(held.slice(3, 6)).size).toBe(1);
  await wrap(images, 'skip');
  expect(await frameHashes(path, run)).toEqual(held.filter((_, at) => ![4, 5, 12].includes(at)));
});

test('an empty frame, a frame of another format and a vanished sequence are refused by name', async () => {
  const images = await drawImages('broken', '.png', 'rgb24');
  const frame = join(images.folder, "it's 100% 0010.png");
  await truncate(frame);
  await expect(wrap(images)).rejects.toMatchObject({ code: 'SEQUENCE_BROKEN', details: { path: frame } });
  await writeFile(frame, Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
  await expect(wrap(images)).rejects.toMatchObject({ code: 'SEQUENCE_BROKEN' });
  await expect(stat(join(images.folder, 'wrapped.mov'))).rejects.toThrow();
  await rename(images.folder, `${images.folder}-gone`);
  await expect(wrap(images)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
});

test('a thousand frames end at the right time: rounding does not add up', async () => {
  const images = await drawImages('long', '.jpg', 'yuvj420p');
  for (let number = 8 + frames; number < 1008; number += 1) {
    await writeFile(join(images.folder, `it's 100% ${String(number).padStart(4, '0')}.jpg`), firstJpeg(images));
  }
  await wrap({ ...images, last: 1007 });
  const { index } = await readSource(join(images.folder, 'wrapped.mov'), run);
  expect(index.pts.at(-1)).toBe(999 * 1001);
});

const firstJpeg = (images: ImageSequence) => readFileSync(join(images.folder, "it's 100% 0008.jpg"));
