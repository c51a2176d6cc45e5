import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawBarcodeClip } from '../identity/drawBarcodeClip.ts';
import { readBarcodes } from '../identity/readBarcodes.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { planLocally, renderLocally } from '../testing/renderLocally.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { streamFacts } from '../testing/streamFacts.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
const frames = 130;
let folder = '';
let film = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-picture-'));
  film = join(folder, 'film.mp4');
  await drawBarcodeClip({ outputPath: film, frames, width: 320, height: 180 }, run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
const order = (presetId: string, settings: Record<string, string> = {}) => {
  count += 1;
  const where = join(folder, `${presetId}-${count}`);
  return { presetId, settings, chunkSeconds: 2, verify: 'full', folder: where } as const;
};
/** A generated source without sound: lavfi picture, encoder arguments. */
async function make(name: string, picture: string, encode: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await runFfmpeg(['-f', 'lavfi', '-i', picture, ...encode, '-y', path], run);
  return path;
}
/** Mean brightness of a picture, 0 to 255, after FFmpeg's own conversion to grey. */
async function brightness(path: string): Promise<number> {
  const bytes: Buffer[] = [];
  const args = ['-i', path, '-frames:v', '1', '-vf', 'scale=1:1:flags=area,format=gray', '-f', 'rawvideo', '-'];
  await runFfmpeg(args, run, { onStdoutBytes: (chunk) => bytes.push(Buffer.from(chunk)) });
  return Buffer.concat(bytes)[0] ?? 0;
}

/** The frame of a 30 fps source that FFmpeg's fps filter shows at output frame k: the last whose time rounds to ≤ k. */
const shownAt = (rate: number, count: number) =>
  Array.from({ length: count }, (_, k) => {
    let shown = 0;
    while (shown + 1 < frames && Math.floor(((shown + 1) * rate) / 30 + 0.5) <= k) shown += 1;
    return shown;
  });

test.each([
  ['25', 108],
  ['60', 260],
] as const)('30 to %s frames a second: the planned count, each frame the one of its time', async (fps, planned) => {
  const { manifest, outputPath } = await renderLocally(film, order('h264-360p', { fps }), run);
  expect(manifest).toMatchObject({ plan: 'whole', frames: planned, wholeReason: expect.stringMatching(/frame rate/) });
  expect(manifest.warnings.join()).toContain(`FRAME_RATE_CONVERTED: 130 frames became ${planned} at ${fps} a second.`);
  expect(await readBarcodes(outputPath, run)).toEqual(shownAt(Number(fps), planned));
});

test('a film that has the wanted rate already is cut and keeps its frames', async () => {
  const manifest = await planLocally(film, order('h264-360p', { fps: '30' }), run);
  expect(manifest).toMatchObject({ plan: 'chunked', frames });
});

test.each(sharedClips('all', ['d01']))(
  '%s, a phone film of variable rate, gets the stated count at 30',
  async (_, path) => {
    const { manifest, report } = await renderLocally(path, order('h264-320p', { fps: '30', speed: 'ultrafast' }), run);
    expect(manifest.frames).toBe(337);
    expect(report.frames).toBe(337);
  },
);

test('interlaced pictures are made progressive, one frame per frame', async () => {
  const encode = ['-c:v', 'prores_ks', '-profile:v', '0', '-flags', '+ildct', '-pix_fmt', 'yuv422p10le'];
  const fields = 'testsrc2=size=320x240:rate=50:duration=5,tinterlace=mode=interleave_top,setfield=tff';
  const source = await make('fields.mov', fields, [...encode, '-field_order', 'tt']);
  const { manifest, outputPath } = await renderLocally(source, order('h264-360p', { deinterlace: 'yes' }), run);
  expect(manifest).toMatchObject({ plan: 'whole', frames: 125, wholeReason: expect.stringMatching(/Deinterlacing/) });
  expect(await streamFacts(outputPath, 'v', run)).toMatchObject({ field_order: 'progressive' });
  expect(manifest.warnings.join()).toContain('DEINTERLACED');
  expect((await planLocally(source, order('prores-proxy'), run)).plan).toBe('chunked');
});

test.each(sharedClips('all', ['d05']))('%s, coded as fields, is made progressive', async (_, path) => {
  const { manifest, outputPath } = await renderLocally(path, order('360p'), run);
  expect(manifest.frames).toBe(13);
  expect(await streamFacts(outputPath, 'v', run)).toMatchObject({
    field_order: 'progressive',
    width: 640,
    height: 360,
  });
});

const pq = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-color_range', 'tv'];

test('PQ is tone-mapped to BT.709 in chunks, and reference white stays bright', async () => {
  // 58 % of the PQ range is about 203 cd/m², the white of SDR graphics (BT.2408)
  const grey = 'color=c=black:size=320x180:rate=25:duration=4.2,format=yuv420p10le,geq=lum=572:cb=512:cr=512';
  const source = await make('pq.mkv', grey, ['-c:v', 'ffv1', '-level', '3', ...pq]);
  const { manifest, outputPath } = await renderLocally(source, order('360p'), run);
  expect(manifest.plan).toBe('chunked');
  expect(manifest.warnings.join()).toContain('HDR_TONE_MAPPED');
  expect(await streamFacts(outputPath, 'v', run)).toMatchObject({
    color_transfer: 'bt709',
    color_primaries: 'bt709',
    color_space: 'bt709',
    color_range: 'tv',
  });
  const mapped = await brightness(outputPath);
  expect(mapped).toBeGreaterThan(140);
  expect(mapped).toBeLessThan(235);
});

test.each(sharedClips('all', ['d04']))('%s, HLG of a phone, is turned and tone-mapped', async (_, path) => {
  const { manifest, outputPath } = await renderLocally(path, order('320p'), run);
  expect(manifest.frames).toBe(77);
  const wanted = { width: 320, height: 568, color_transfer: 'bt709', color_primaries: 'bt709', pix_fmt: 'yuv420p' };
  expect(await streamFacts(outputPath, 'v', run)).toMatchObject(wanted);
});

test('HEVC in 10 bits keeps HDR as it is', async () => {
  const source = await make('hdr.mkv', 'testsrc2=size=320x180:rate=25:duration=4.2,format=yuv420p10le', [
    ...['-c:v', 'ffv1', '-level', '3', ...pq],
  ]);
  const { outputPath } = await renderLocally(source, order('hevc-2160p', { speed: 'ultrafast' }), run);
  const kept = {
    pix_fmt: 'yuv420p10le',
    color_transfer: 'smpte2084',
    color_primaries: 'bt2020',
    color_space: 'bt2020nc',
  };
  expect(await streamFacts(outputPath, 'v', run)).toMatchObject(kept);
});

test('ProRes 4444 keeps transparency', async () => {
  const source = await make('alpha.mov', 'testsrc2=size=320x180:rate=25:duration=4.2:alpha=128,format=argb', [
    ...['-c:v', 'qtrle'],
  ]);
  const { manifest, outputPath } = await renderLocally(source, order('prores-4444'), run);
  expect(manifest.video.pixelFormat).toBe('yuva444p10le');
  expect(await streamFacts(outputPath, 'v', run)).toMatchObject({ pix_fmt: 'yuva444p12le' });
  expect((await planLocally(source, order('h264-720p'), run)).warnings.join()).toContain('ALPHA_DROPPED');
});

test.each([
  ['social-portrait', 100, 180],
  ['social-portrait-pad', 320, 568],
] as const)('%s has the shape of a phone', async (preset, width, height) => {
  const { manifest, outputPath } = await renderLocally(film, order(preset), run);
  expect(manifest).toMatchObject({ plan: 'chunked', frames });
  expect(await streamFacts(outputPath, 'v', run)).toMatchObject({ width, height, sample_aspect_ratio: '1:1' });
});

test('a picture too small for an encoder is refused before the start', async () => {
  const tiny = await make('tiny.mp4', 'testsrc2=size=48x32:rate=25:duration=1', ['-c:v', 'libx264']);
  for (const preset of ['av1-1080p', 'dnxhr-lb']) {
    await expect(planLocally(tiny, order(preset), run)).rejects.toMatchObject({ code: 'PRESET_UNSUITABLE' });
  }
});
