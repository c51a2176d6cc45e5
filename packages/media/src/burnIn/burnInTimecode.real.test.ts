import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resourcesFolder } from '../process/resourcesFolder.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { burnedFrames, referenceFrames } from '../testing/burnedFrames.ts';
import { renderLocally } from '../testing/renderLocally.ts';
import { testRun } from '../testing/testRun.ts';
import { comparePictures } from '../verify/comparePictures.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  // every character that means something within a filter graph
  folder = await mkdtemp(join(tmpdir(), "reelmill-burn [it's], a;b=c:d\\e%{n} "));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function make(name: string, picture: string, output: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const args = [
    '-f',
    'lavfi',
    '-i',
    picture,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '20',
    '-pix_fmt',
    'yuv420p',
  ];
  await runFfmpeg([...args, ...output, '-y', `file:${path}`], run);
  return path;
}

/** A picture of 320 by 180 at the default size and place: 9 high, 7 + 2 from the edges. Font by a path without escapes. */
const font = join(resourcesFolder(), 'fonts', 'DejaVuSans.ttf');
const look = `drawtext=fontfile=${font}:fontsize=9:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=2:x=9:y=h-9-ascent`;
const reference = (path: string, text: string) => referenceFrames(path, `${look}:${text}`, { run });
const timecode = { timecode: 'bottom-left' };

test("drop-frame from the source's own timecode: every chunk shows what the whole film shows", async () => {
  const start = ['-timecode', '00:58:58;00'];
  const path = await make('ntsc.mov', 'testsrc2=size=320x180:rate=30000/1001:duration=5', start);
  const { manifest, hashes } = await burnedFrames(path, { settings: timecode, chunkSeconds: 1.5, folder }, run);
  expect(manifest.chunks.map(({ first }) => first)).toEqual([0, 45, 90]);
  // FFmpeg counts from the start of the film
  const counted = String.raw`timecode=00\\:58\\:58\;00:timecode_rate=30000/1001`;
  expect(hashes).toEqual(await reference(path, counted));
  // and the digits, read back: the seam at frame 45, the minute whose first two names are dropped, and one frame off
  const literal = async (frame: number, text: string) =>
    (await reference(path, `text=${text.replaceAll(':', String.raw`\\\\\\:`).replace(';', String.raw`\;`)}`))[frame];
  expect(hashes[45]).toBe(await literal(45, '00:58:59;15'));
  expect(hashes[60]).toBe(await literal(60, '00:59:00;02'));
  expect(hashes[45]).not.toBe(await literal(45, '00:58:59;16'));
});

test('without timecode of its own a film starts at zero; whole and chunked are the same', async () => {
  const path = await make('plain.mp4', 'testsrc2=size=320x180:rate=25:duration=4', []);
  const order = { settings: { timecode: 'top-right', 'timecode-size': '8' }, folder };
  const chunked = await burnedFrames(path, { ...order, chunkSeconds: 2 }, run);
  const whole = await burnedFrames(path, { ...order, chunkSeconds: 60 }, run);
  expect([chunked.manifest.chunks.length, whole.manifest.chunks.length]).toEqual([2, 1]);
  expect(chunked.hashes).toEqual(whole.hashes);
  expect(chunked.hashes).not.toEqual(await referenceFrames(path, '', { run }));
});

test('a variable frame rate is told by time, also in a file that starts late', async () => {
  const uneven = "testsrc2=size=320x180:rate=50:duration=5,select='not(eq(mod(n,7),3))*not(between(n,60,75))'";
  const late = ['-fps_mode', 'passthrough', '-output_ts_offset', '10'];
  const path = await make('vfr.mkv', uneven, late);
  const { manifest, hashes } = await burnedFrames(path, { settings: timecode, chunkSeconds: 1.5, folder }, run);
  expect(manifest.chunks.length).toBeGreaterThan(2);
  expect(manifest.warnings.join()).toContain('TIMECODE_BY_TIME');
  expect(hashes).toEqual(await reference(path, String.raw`text=%{pts\\:hms}`));
});

test('a rendered film passes its proofs, and so does the deep comparison with the source', async () => {
  const path = await make('film.mp4', 'testsrc2=size=320x180:rate=25:duration=3', []);
  const order = {
    presetId: 'h264-360p',
    settings: { ...timecode, fps: '10' },
    chunkSeconds: 1,
    verify: 'full',
  } as const;
  const { manifest, outputPath } = await renderLocally(path, { ...order, folder: join(folder, 'film') }, run);
  expect(manifest).toMatchObject({ plan: 'whole', frames: 30 });
  const [quality] = await comparePictures(manifest, { outputPath, sourcePath: path }, run);
  expect(quality?.ssimMin).toBeGreaterThan(0.95);
  const { burnIn: _, ...bare } = manifest.video;
  const [without] = await comparePictures({ ...manifest, video: bare }, { outputPath, sourcePath: path }, run);
  expect(without?.ssimMin).toBeLessThan(quality?.ssimMin ?? 0);
});
