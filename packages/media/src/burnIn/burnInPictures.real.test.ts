import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { burnedFrames, referenceFrames } from '../testing/burnedFrames.ts';
import { pgsFile, subtitleCanvas } from '../testing/pictureSubtitles.ts';
import { planLocally } from '../testing/renderLocally.ts';
import { testRun } from '../testing/testRun.ts';

const run = testRun();
/** The second line stands across the cut at 2 s. */
const lines = [
  { startMs: 480, endMs: 1000, text: '' },
  { startMs: 1800, endMs: 2600, text: '' },
];
const shown = (frame: number) => lines.some(({ startMs, endMs }) => frame * 40 >= startMs && frame * 40 < endMs);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reelmill-pictures [it's], a;b "));
  await writeFile(join(folder, 'lines.sup'), pgsFile(lines));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function make(name: string, output: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const size = `${subtitleCanvas.width}x${subtitleCanvas.height}`;
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=4`];
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', '-pix_fmt', 'yuv420p'];
  const late = ['-itsoffset', String((lines[0]?.startMs ?? 0) / 1000)];
  const lined = [...late, '-fix_sub_duration', '-i', `file:${join(folder, 'lines.sup')}`, '-map', '0:v', '-map', '1:s'];
  await runFfmpeg([...picture, ...lined, ...encode, ...output, '-y', `file:${path}`], run);
  return path;
}

test.each([
  ['PGS in Matroska', 'pgs.mkv', ['-c:s', 'copy']],
  ['PGS in a film that starts at 10 s', 'late.mkv', ['-c:s', 'copy', '-output_ts_offset', '10']],
  ['DVD subtitles in Matroska', 'dvd.mkv', ['-c:s', 'dvdsub']],
  ['DVB subtitles in a transport stream', 'dvb.ts', ['-c:s', 'dvbsub']],
] as const)('%s: chunks show what the whole film shows, on the right frames', async (_, name, output) => {
  const path = await make(name, output);
  const order = { settings: { subtitle: 'default' }, folder };
  const chunked = await burnedFrames(path, { ...order, chunkSeconds: 2 }, run);
  const whole = await burnedFrames(path, { ...order, chunkSeconds: 60 }, run);
  expect([chunked.manifest.chunks.length, whole.manifest.chunks.length]).toEqual([2, 1]);
  expect(chunked.hashes).toEqual(whole.hashes);
  const bare = await referenceFrames(path, '', { run });
  expect(chunked.hashes.map((hash, at) => hash !== bare[at])).toEqual(bare.map((__, at) => shown(at)));
});

test('the drawn track leaves the list of tracks; what no overlay can mix is refused', async () => {
  const path = await make('two.mkv', ['-c:s', 'copy', '-metadata:s:s:0', 'language=ger']);
  const order = { settings: { subtitle: 'ger' }, chunkSeconds: 2, verify: 'seams', folder } as const;
  const { side, fates } = await planLocally(path, { ...order, presetId: 'h264-360p' }, run);
  expect(side.subtitles).toEqual([]);
  expect(fates.find(({ kind }) => kind === 'subtitle')).toMatchObject({ note: 'drawn into the picture' });
  const refused = planLocally(path, { ...order, presetId: 'prores-4444' }, run);
  await expect(refused).rejects.toMatchObject({ code: 'PRESET_UNSUITABLE' });
});
