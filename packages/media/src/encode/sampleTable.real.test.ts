import { copyFile, mkdtemp, open, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { testRun } from '../testing/testRun.ts';
import { readPackets } from '../verify/readPackets.ts';
import { readSampleTable } from './sampleTable.ts';

const run = testRun();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-samples-'));
});

const irregular = 'testsrc2=size=64x48:rate=30:duration=3,select=not(mod(n\\,3)*not(mod(n\\,7)))';
const regular = 'testsrc2=size=64x48:rate=30000/1001:duration=3';
const vfr = ['-fps_mode', 'passthrough', '-enc_time_base', '1/90000', '-video_track_timescale', '90000'];

async function make(name: string, picture: string, args: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await runFfmpeg(['-f', 'lavfi', '-i', `${picture},format=yuv420p`, ...args, '-y', path], run);
  return path;
}

test.each([
  ['b-frames.mp4', regular, ['-c:v', 'libx264', '-bf', '3']],
  ['late-first-picture.mp4', `${regular},setpts=PTS+0.7/TB`, ['-c:v', 'libx264']],
  ['irregular.mp4', irregular, ['-c:v', 'libx264', ...vfr]],
  ['pyramid.mp4', irregular, ['-c:v', 'libx265', '-x265-params', 'log-level=error', ...vfr]],
  ['one.mp4', regular, ['-c:v', 'libx264', '-frames:v', '1']],
  ['prores.mov', regular, ['-c:v', 'prores_ks', '-pix_fmt', 'yuv422p10le']],
  ['front.mp4', regular, ['-c:v', 'libx264', '-movflags', '+faststart']],
])('%s: the table tells what FFprobe tells', async (name, picture, args) => {
  const path = await make(name, picture, args);
  const table = await readSampleTable(path);
  const [probed] = await readPackets(path, run);
  expect(table).toEqual({ pts: probed?.pts, shown: probed?.shown, timeBase: probed?.timeBase });
});

test('what is not plain is left to FFprobe: fragments, sound, Matroska, a file cut short or grown', async () => {
  const plain = await make('plain.mp4', regular, ['-c:v', 'libx264', '-movflags', '+faststart']);
  const { size } = await stat(plain);
  expect(await readSampleTable(plain)).not.toBeNull();
  const short = join(folder, 'short.mp4');
  await copyFile(plain, short);
  await truncate(short, size - 100);
  const others = [
    short,
    await make('fragments.mp4', regular, ['-c:v', 'libx264', '-movflags', '+frag_keyframe+empty_moov']),
    await make('sound.mp4', regular, ['-f', 'lavfi', '-i', 'sine=duration=3', '-c:v', 'libx264']),
    await make('other.mkv', regular, ['-c:v', 'libx264']),
  ];
  for (const path of others) expect([path, await readSampleTable(path)]).toEqual([path, null]);
});

test('a table that was tampered with is not believed', async () => {
  const path = await make('tampered.mp4', regular, ['-c:v', 'libx264', '-movflags', '+faststart']);
  const file = await open(path, 'r+');
  const bytes = await file.readFile();
  const counts = bytes.indexOf('stsz') + 12;
  bytes.writeUInt32BE(bytes.readUInt32BE(counts) - 1, counts);
  await file.write(bytes, 0, bytes.length, 0);
  await file.close();
  expect(await readSampleTable(path)).toBeNull();
});
