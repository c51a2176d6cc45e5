import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawBarcodeClip } from '../identity/drawBarcodeClip.ts';
import { imageName } from '../still/stillTasks.ts';
import { type LocalStills, stillsLocally } from '../testing/stillsLocally.ts';
import { testRun } from '../testing/testRun.ts';
import { compareStills } from './compareStills.ts';

const run = testRun();
let folder = '';
let film = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-compare-stills-'));
  film = join(folder, 'film.mp4');
  const videoArgs = ['-c:v', 'libx264', '-x264-params', 'open-gop=1:keyint=40:bframes=3:scenecut=0'];
  const size = { frames: 200, width: 320, height: 180 };
  await drawBarcodeClip({ outputPath: film, ...size, videoArgs: [...videoArgs, '-pix_fmt', 'yuv420p'] }, run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the certificate says. */
function certified({ manifest, outputPath, reports }: LocalStills) {
  const { output } = manifest;
  const tiles = output.form === 'sheets' ? output.columns * output.rows : 1;
  const chosen = reports[0]?.chosenFrame ?? null;
  return manifest.passages
    .flatMap(({ picks }) => picks)
    .map(({ frame, atSeconds }, at) => {
      const isFolder = output.form === 'frames' || output.form === 'sheets';
      const file = isFolder ? imageName(output, 1 + Math.floor(at / tiles)) : basename(outputPath);
      return { frame, atSeconds, ptsSeconds: atSeconds, file };
    })
    .filter(({ frame }) => chosen === null || frame === chosen);
}

const compared = (made: LocalStills) => {
  const { manifest, outputPath } = made;
  return compareStills(manifest, { outputPath, sourcePath: film, frames: certified(made) }, run);
};

test.each([
  ['frames-jpeg', { fps: '5' }, 34, 0.97],
  ['frames-png', {}, 7, 1],
  ['frames-webp', {}, 7, 0.98],
  ['sprites', { interval: '0.2' }, 34, 0.9],
  ['thumbnail', {}, 1, 0.95],
  ['preview-gif', {}, 30, 0.8],
  ['preview-webp', {}, 36, 0.9],
])('%s: each picture is near the frame it shows', async (presetId, settings, count, least) => {
  const made = await stillsLocally(film, { presetId, settings, chunkSeconds: 2, folder: join(folder, presetId) }, run);
  const pictures = await compared(made);
  expect(pictures.length).toBe(count);
  expect(Math.min(...pictures.map(({ ssim }) => ssim))).toBeGreaterThanOrEqual(least);
  if (least === 1) expect(pictures.every(({ psnr }) => psnr === null)).toBe(true);
});

test('a picture of another frame stands out, and one that is missing is found', async () => {
  const made = await stillsLocally(
    film,
    { presetId: 'frames-jpeg', settings: { fps: '5' }, folder: join(folder, 'mixed') },
    run,
  );
  const path = (number: number) => join(made.outputPath, imageName(made.manifest.output, number));
  await copyFile(path(30), path(7));
  const worst = (await compared(made)).toSorted((one, other) => one.ssim - other.ssim);
  expect(worst[0]).toMatchObject({ file: 'frame_000007.jpg', frame: 36 });
  expect(worst[0]?.ssim).toBeLessThan((worst[1]?.ssim ?? 0) - 0.02);
  await rm(path(34));
  await expect(compared(made)).rejects.toMatchObject({ code: 'FRAME_COUNT' });
});
