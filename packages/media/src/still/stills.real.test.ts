import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawBarcodeClip } from '../identity/drawBarcodeClip.ts';
import { readBarcodes } from '../identity/readBarcodes.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { type LocalStills, readImageBarcodes, stillsLocally } from '../testing/stillsLocally.ts';
import { streamFacts } from '../testing/streamFacts.ts';
import { testRun } from '../testing/testRun.ts';
import { readWebpAnimation } from './webpAnimation.ts';

const run = testRun();
let folder = '';
let film = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-stills-'));
  film = join(folder, 'film.mp4');
  await drawBarcodeClip({ outputPath: film, frames: 360, width: 320, height: 180 }, run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
const make = (source: string, presetId: string, settings: Record<string, string> = {}): Promise<LocalStills> => {
  count += 1;
  return stillsLocally(source, { presetId, settings, chunkSeconds: 2, folder: join(folder, `${count}`) }, run);
};
async function source(name: string, picture: string, encode: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await runFfmpeg(['-f', 'lavfi', '-i', picture, ...encode, '-y', path], run);
  return path;
}
/** Mean of red, green and blue over an area of a picture. */
async function color(path: string, area = 'iw:ih:0:0'): Promise<number[]> {
  const bytes: Buffer[] = [];
  const args = ['-i', path, '-frames:v', '1', '-vf', `format=rgb24,crop=${area},scale=1:1:flags=area`];
  await runFfmpeg([...args, '-f', 'rawvideo', '-'], run, { onStdoutBytes: (chunk) => bytes.push(Buffer.from(chunk)) });
  return [...Buffer.concat(bytes)];
}

test('a thumbnail is a frame from a tenth of the film, of exact size, and repeats byte for byte', async () => {
  const first = await make(film, 'thumbnail');
  expect(await streamFacts(first.outputPath, 'v', run)).toMatchObject({ codec_name: 'mjpeg', width: 320, height: 180 });
  expect(await readImageBarcodes(first.outputPath, run)).toEqual([36]);
  expect(first.reports[0]?.chosenFrame).toBe(36);
  expect((await make(film, 'thumbnail')).sha256).toBe(first.sha256);
});

test('a film that is black for long gets a thumbnail that shows something', async () => {
  const graph = 'color=black:size=320x180:rate=25:duration=4[dark];testsrc2=size=320x180:rate=25:duration=3[light]';
  const path = await source('dark.mp4', `${graph};[dark][light]concat`, ['-c:v', 'libx264', '-g', '25']);
  const { outputPath, reports } = await make(path, 'thumbnail');
  expect(reports[0]?.chosenFrame).toBe(122);
  expect(Math.max(...(await color(outputPath)))).toBeGreaterThan(50);
});

test('a thumbnail of a portrait film stands upright between black bars', async () => {
  const upright = await source('portrait.mp4', 'color=red:size=90x160:rate=25:duration=1', ['-c:v', 'libx264']);
  const turned = join(folder, 'turned.mp4');
  const rotate = ['-c', 'copy', '-metadata:s:v:0', 'rotate=90'];
  const lying = await source('lying.mp4', 'color=red:size=160x90:rate=25:duration=1', ['-c:v', 'libx264']);
  await runFfmpeg(['-i', lying, ...rotate, '-y', turned], run);
  for (const path of [upright, turned]) {
    const { outputPath } = await make(path, 'thumbnail');
    expect(await streamFacts(outputPath, 'v', run)).toMatchObject({ width: 320, height: 180 });
    const [red, green] = await color(outputPath, '80:160:120:10');
    expect(red).toBeGreaterThan(245);
    expect(green).toBeLessThan(12);
    expect(Math.max(...(await color(outputPath, '80:180:10:0')))).toBeLessThan(8);
  }
});

test.each(sharedClips('all', ['d04']))('%s, HLG of a phone, gets a tone-mapped thumbnail', async (_, path) => {
  const { manifest, outputPath } = await make(path, 'thumbnail');
  expect(manifest.warnings.join()).toContain('HDR_TONE_MAPPED');
  expect(await streamFacts(outputPath, 'v', run)).toMatchObject({ width: 320, height: 180 });
});

test('colours of BT.709 video are the same in every format', async () => {
  const encode = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-colorspace', 'bt709', '-color_range', 'tv'];
  const convert = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p';
  const path = await source('green.mp4', `color=0x20C040:size=320x180:rate=25:duration=5,${convert}`, encode);
  for (const format of ['jpeg', 'png', 'webp']) {
    const { outputPath, files } = await make(path, `frames-${format}`);
    expect(files).toHaveLength(6);
    const [red = 0, green = 0, blue = 0] = await color(join(outputPath, files[1]?.name ?? ''));
    for (const [found, wanted] of [
      [red, 0x20],
      [green, 0xc0],
      [blue, 0x40],
    ] as const) {
      expect(Math.abs(found - wanted)).toBeLessThan(8);
    }
  }
});

test('sprite sheets: each tile is the frame its cue names', async () => {
  const { files, manifest, outputPath } = await make(film, 'sprites', { interval: '1', columns: '3', rows: '2' });
  expect(files.map(({ name }) => name)).toEqual(['sheet_0001.jpg', 'sheet_0002.jpg', 'sprites.vtt']);
  expect(manifest.plan).toBe('chunked');
  const text = await readFile(join(outputPath, 'sprites.vtt'), 'utf8');
  const cues = [...text.matchAll(/(\S+) --> \S+\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g)];
  expect(cues).toHaveLength(12);
  const found: number[] = [];
  for (const [, , sheet = '', x, y, width, height] of cues) {
    const tile = join(folder, 'tile.png');
    await runFfmpeg(['-i', join(outputPath, sheet), '-vf', `crop=${width}:${height}:${x}:${y}`, '-y', tile], run);
    found.push(...(await readImageBarcodes(tile, run)));
  }
  expect(found).toEqual(Array.from({ length: 12 }, (_, second) => second * 30));
});

test.each(['preview-gif', 'preview-webp'])(
  '%s moves for three seconds, loops, is small and repeats',
  async (presetId) => {
    const first = await make(film, presetId);
    expect((await stat(first.outputPath)).size).toBeLessThan(1_500_000);
    expect((await make(film, presetId)).sha256).toBe(first.sha256);
    if (presetId === 'preview-gif') {
      const numbers = await readBarcodes(first.outputPath, run);
      expect(numbers).toEqual(Array.from({ length: 30 }, (_, at) => 36 + at * 3));
      expect((await readFile(first.outputPath)).includes(Buffer.from('NETSCAPE2.0\x03\x01\x00\x00', 'latin1'))).toBe(
        true,
      );
      return;
    }
    const animation = await readWebpAnimation(first.outputPath);
    expect(animation).toMatchObject({ width: 320, height: 180, loops: 0 });
    expect(animation?.frames).toHaveLength(36);
    expect(animation?.durationMs).toBeGreaterThan(2850);
    expect(animation?.durationMs).toBeLessThan(3100);
  },
);

test('a film in which nothing moves has a preview of one frame', async () => {
  const path = await source('calm.mp4', 'color=red:size=160x90:rate=25:duration=4', ['-c:v', 'libx264']);
  expect((await make(path, 'preview-webp')).reports).toMatchObject([{ images: 1, frames: 36 }]);
});

test('a film that cannot be cut gives the same pictures on one way through it', async () => {
  const whole = join(folder, 'film.avi');
  await runFfmpeg(['-i', film, '-c', 'copy', '-an', '-bsf:v', 'h264_mp4toannexb', '-y', whole], run);
  const { manifest, outputPath, reports } = await make(whole, 'frames-png', { fps: '30' });
  expect(manifest.wholeReason).not.toBeNull();
  expect(reports).toHaveLength(1);
  expect(await readImageBarcodes(join(outputPath, 'frame_%06d.png'), run)).toEqual(
    Array.from({ length: 360 }, (_, at) => at),
  );
});
