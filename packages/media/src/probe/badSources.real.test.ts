import { mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawBarcodeClip } from '../identity/drawBarcodeClip.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { testRun } from '../testing/testRun.ts';
import { assertSourceUnchanged, checkSource } from './checkSource.ts';
import { indexSource } from './indexSource.ts';
import { probeSource } from './probeSource.ts';

const run = testRun();
let folder = '';
let goodPath = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-sources-'));
  goodPath = join(folder, 'good.mp4');
  await drawBarcodeClip({ outputPath: goodPath, frames: 90, width: 320, height: 180 }, run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(name: string, bytes: Uint8Array | string): Promise<string> {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
}

describe('refused before a job is accepted', () => {
  test('a missing file', async () => {
    await expect(checkSource(join(folder, 'none.mp4'))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });
  test('zero bytes', async () => {
    await expect(checkSource(await fileOf('zero.mp4', ''))).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
  });
  test('text named .mp4', async () => {
    const path = await fileOf('text.mp4', 'This is not a film. '.repeat(1000));
    await expect(checkSource(path)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
  });
  test('a playlist named .mp4', async () => {
    const path = await fileOf('list.mp4', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n');
    await expect(checkSource(path)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
  });
  test('a folder', async () => {
    await expect(checkSource(folder)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA' });
  });
  test('what the system does not let us read, also as root: a link to itself', async () => {
    const path = join(folder, 'loop.mp4');
    await symlink(path, path);
    await expect(checkSource(path)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });
});

describe('refused by the probe', () => {
  test('an mp4 cut off in its pictures, index behind them', async () => {
    const bytes = await readFile(goodPath);
    const path = await fileOf('cut.mp4', bytes.subarray(0, bytes.length / 2));
    await expect(probeSource(path, run)).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED' });
  });
  test('a fast-start mp4 cut off: FFmpeg would render the rest with exit code 0', async () => {
    const fastPath = join(folder, 'fast.mp4');
    await runFfmpeg(['-i', goodPath, '-c', 'copy', '-movflags', '+faststart', '-y', fastPath], run);
    const bytes = await readFile(fastPath);
    const path = await fileOf('fast-cut.mp4', bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    await expect(probeSource(path, run)).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED' });
  });
  test('a cut-off mkv', async () => {
    const mkvPath = join(folder, 'whole.mkv');
    await runFfmpeg(['-i', goodPath, '-c', 'copy', '-y', mkvPath], run);
    const bytes = await readFile(mkvPath);
    const path = await fileOf('cut.mkv', bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    await expect(probeSource(path, run)).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED' });
  });
  test('sound without picture', async () => {
    const path = join(folder, 'sound.m4a');
    await runFfmpeg(['-i', goodPath, '-vn', '-c', 'copy', '-y', path], run);
    await expect(probeSource(path, run)).rejects.toMatchObject({ code: 'NO_VIDEO' });
  });
});

test('a source that changes after the plan is noticed, an untouched one is not', async () => {
  const path = await fileOf('changing.mp4', await readFile(goodPath));
  const identity = await checkSource(path);
  await expect(assertSourceUnchanged(identity)).resolves.toBeUndefined();
  await utimes(path, new Date(), new Date(Date.now() + 5000));
  await expect(assertSourceUnchanged(identity)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
  await rm(path);
  await expect(assertSourceUnchanged(identity)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
});

test('the index reports bytes up to the end of the file', async () => {
  const info = await probeSource(goodPath, run);
  const seen: number[] = [];
  const index = await indexSource(goodPath, info, { ...run, onBytes: (done) => seen.push(done) });
  expect(index).toMatchObject({ packets: 90, droppedPackets: 0, evidence: 'packets', doubt: null });
  expect(index.cleanKeyframePts).toEqual(index.keyframePts);
  expect(seen.at(-1)).toBe(info.sizeBytes);
});
