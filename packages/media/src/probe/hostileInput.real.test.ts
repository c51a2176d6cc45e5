import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { examine } from '../testing/examine.ts';
import { flipBits, patchBoxes } from '../testing/hostileFiles.ts';
import { hostileKinds, makeVictims } from '../testing/hostileKinds.ts';
import { testRun } from '../testing/testRun.ts';
import { countFrames } from './countFrames.ts';
import { probeSource } from './probeSource.ts';
import { withinLimits } from './readLimits.ts';

const run = testRun();
/** What the issue allows hostile input, and the longest a refusal may take on a busy machine. */
const limits = { memoryBytes: 2 * 1024 ** 3, seconds: 60 };
let folder = '';
let film: Buffer = Buffer.alloc(0);
let pictures: Buffer = Buffer.alloc(0);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-hostile-'));
  ({ film, pictures } = await makeVictims(folder, run));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function examined(name: string, bytes: Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const found = await examine(path, run);
  expect(found.peakBytes).toBeLessThan(limits.memoryBytes);
  expect(found.seconds).toBeLessThan(limits.seconds);
  if (found.error !== null) expect(found.error.toData()).toMatchObject({ cause: /\S/, fix: /\S/ });
  return found;
}

test('hostile files are refused by code before anything is encoded', async () => {
  for (const { name, code, make } of hostileKinds) {
    expect([name, (await examined(`${name}.mp4`, make({ film, pictures }))).refused]).toEqual([name, code]);
  }
});

describe('false durations do not matter: frames come from the packets', () => {
  test.each([
    ['of zero', 0],
    ['of three days', 0x0fff_ffff],
    ['negative', 0xffff_fff0],
  ])('%s', async (name, value) => {
    const lying = ['mvhd', 'tkhd', 'mdhd'].reduce<Buffer>(
      (bytes, type) => patchBoxes(bytes, type, { [type === 'tkhd' ? 24 : 20]: value }),
      film,
    );
    const { manifest } = await examined(`${name}.mp4`, lying);
    expect(manifest).toMatchObject({ frames: 150, plan: 'chunked' });
    expect(manifest?.durationSeconds).toBeCloseTo(6, 3);
  });
});

test('bits turned over: each of 16 files is planned or refused by code, never anything else', async () => {
  for (let seed = 1; seed <= 16; seed += 1) await examined(`flipped ${seed}.mp4`, flipBits(film, seed, 3));
});

describe('a bomb of 100,000 frames', () => {
  let path = '';
  beforeAll(async () => {
    path = join(folder, 'bomb.mp4');
    const second = join(folder, 'second.mp4');
    const black = ['-f', 'lavfi', '-i', 'color=black:size=1920x1080:rate=25:duration=2'];
    await runFfmpeg([...black, '-c:v', 'libx264', '-preset', 'ultrafast', '-y', second], run);
    await runFfmpeg(['-stream_loop', '1999', '-i', second, '-c', 'copy', '-y', path], run);
  });

  test('is planned from its packets, in the memory of any film', async () => {
    const { manifest, peakBytes, seconds } = await examine(path, run);
    expect(manifest).toMatchObject({ frames: 100_000, plan: 'chunked' });
    expect(peakBytes).toBeLessThan(limits.memoryBytes);
    expect(seconds).toBeLessThan(limits.seconds);
  });

  test('where it has to be decoded, the time for it ends and the decoder with it', async () => {
    const info = await probeSource(path, run);
    const counted = withinLimits(run, 0.5, (limited) => countFrames(path, info, limited));
    await expect(counted).rejects.toMatchObject({ code: 'MEDIA_LIMIT_EXCEEDED' });
  });
});
