import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResolvedAudio } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { findFlashAndClick, makeFlashAndClick } from '../testing/flashAndClick.ts';
import { testRun } from '../testing/testRun.ts';
import { firstShownSeconds, readPackets } from '../verify/readPackets.ts';
import { verifyRendition } from '../verify/verifyRendition.ts';
import { assembleRendition } from './assembleRendition.ts';
import { type HandMade, makeByHand } from './handPlan.ts';

const run = testRun();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-offset-'));
  await makeFlashAndClick(join(folder, 'film.mp4'), aac, run);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const aac = ['-c:a', 'aac', '-b:a', '128k'];

/** Sources whose sound and picture start apart: name, demuxer, and how the film is stored. */
const sources = [
  { name: 'both from 0, AAC priming', file: 'plain.mp4', demuxer: 'mov', delayed: null, by: 0 },
  { name: 'audio 0.5 s later', file: 'later.mp4', demuxer: 'mov', delayed: 'audio', by: 0.5 },
  {
    name: 'audio 10 ms later, less than its priming',
    file: 'slightly.mp4',
    demuxer: 'mov',
    delayed: 'audio',
    by: 0.01,
  },
  { name: 'audio 0.32 s earlier', file: 'earlier.mp4', demuxer: 'mov', delayed: 'video', by: 0.32 },
  { name: 'MPEG-TS that starts at 1.4 s', file: 'stream.ts', demuxer: 'mpegts', delayed: null, by: 0 },
  { name: 'MPEG-TS, audio 0.2 s later', file: 'late.ts', demuxer: 'mpegts', delayed: 'audio', by: 0.2 },
  { name: 'Matroska, audio 70 ms later', file: 'later.mkv', demuxer: 'matroska', delayed: 'audio', by: 0.07 },
] as const;

async function makeSource({ file, delayed, by }: (typeof sources)[number]): Promise<string> {
  const plain = join(folder, 'film.mp4');
  const path = join(folder, file);
  const inputs = ['video', 'audio'].flatMap((kind) => ['-itsoffset', kind === delayed ? String(by) : '0', '-i', plain]);
  await runFfmpeg([...inputs, '-map', '0:v', '-map', '1:a', '-c', 'copy', '-y', path], run);
  return path;
}

/** As the probe measures it: the first decoded sample on the container's clock. */
async function firstSampleSeconds(path: string): Promise<number> {
  const { stdout } = await runFfmpeg(['-copyts', '-i', path, '-map', '0:a:0', '-f', 'framecrc', '-'], run);
  const base = /#tb 0: (\d+)\/(\d+)/.exec(stdout);
  const first = /^0,\s*-?\d+,\s*(-?\d+)/m.exec(stdout);
  return (Number(first?.[1]) * Number(base?.[1])) / Number(base?.[2]);
}

const forms = {
  mp4: {
    encoder: 'aac',
    encoderArgs: ['-b:a', '160k'],
    filters: ['aresample=48000:async=1:min_hard_comp=0.02:first_pts=0'],
  },
  mkv: { encoder: 'pcm_f32le', encoderArgs: [], filters: [] },
  mov: { encoder: 'pcm_s24le', encoderArgs: [], filters: ['aresample=async=1:min_hard_comp=0.02:first_pts=0'] },
};

async function render(source: { path: string; demuxer: string }, container: keyof typeof forms): Promise<HandMade> {
  const audio: Omit<ResolvedAudio, 'offsetSeconds' | 'labels' | 'loudness'> = {
    ...forms[container],
    streamIndex: 1,
    container,
    channels: 1,
    startSeconds: await firstSampleSeconds(source.path),
    durationSeconds: 4,
    sampleRate: 48000,
  };
  const plan = { sourcePath: source.path, demuxer: source.demuxer, chunkFrames: 33, container, audio };
  const made = await makeByHand({ ...plan, folder: `${source.path}-${container}` }, run);
  await assembleRendition(made.manifest, { ...made, sourcePath: null }, run);
  return made;
}

describe.each(sources)('a source with $name', (source) => {
  test.each(['mp4', 'mkv', 'mov'] as const)('keeps sound and picture together in %s', async (container) => {
    const path = await makeSource(source);
    const made = await render({ path, demuxer: source.demuxer }, container);
    const report = await verifyRendition({ ...made.manifest, verify: 'full' }, made, run);
    expect(report.audioOffsetErrorSeconds).toBeLessThanOrEqual(0.001);
    const before = await findFlashAndClick(path, run);
    const after = await findFlashAndClick(made.outputPath, run);
    expect(Math.abs(after.click - after.flash - (before.click - before.flash))).toBeLessThanOrEqual(0.0015);
  });
});

test('the earlier of sound and picture starts at 0', async () => {
  const [, later, , earlier] = sources;
  for (const source of [later, earlier]) {
    if (!source) continue;
    const made = await render({ path: await makeSource(source), demuxer: source.demuxer }, 'mp4');
    const starts = (await readPackets(made.outputPath, run)).map((stream) => firstShownSeconds(stream) ?? Number.NaN);
    expect(Math.min(...starts)).toBeCloseTo(0, 3);
    expect(Math.max(...starts)).toBeCloseTo(Math.abs(made.manifest.audio?.offsetSeconds ?? 0), 3);
    expect(Math.max(...starts)).toBeGreaterThan(0.3);
  }
});

test('sound that starts more than a frame off is refused', async () => {
  const [plain] = sources;
  const made = await render({ path: await makeSource(plain), demuxer: plain.demuxer }, 'mp4');
  const { audio } = made.manifest;
  if (!audio) throw new Error('the plan has no sound');
  const planned = { ...made.manifest, audio: { ...audio, offsetSeconds: audio.offsetSeconds + 0.05 } };
  await expect(verifyRendition(planned, made, run)).rejects.toMatchObject({ code: 'AV_OFFSET' });
});

test('sound that lost a packet on the way is refused', async () => {
  const [plain] = sources;
  const made = await render({ path: await makeSource(plain), demuxer: plain.demuxer }, 'mp4');
  const shorter = join(folder, 'shorter.mp4');
  await runFfmpeg(['-i', made.audioPaths[0] ?? '', '-c', 'copy', '-t', '3.5', '-y', shorter], run);
  const files = { ...made, audioPaths: [shorter], sourcePath: null };
  await assembleRendition(made.manifest, files, run);
  await expect(verifyRendition(made.manifest, made, run)).rejects.toMatchObject({ code: 'VERIFY_FAILED' });
});

test('decoded samples survive the archive bit for bit', async () => {
  const [plain] = sources;
  const path = await makeSource(plain);
  const made = await render({ path, demuxer: plain.demuxer }, 'mkv');
  const samples = async (file: string) =>
    (await runFfmpeg(['-i', file, '-map', '0:a:0', '-c:a', 'pcm_f32le', '-f', 'md5', '-'], run)).stdout;
  expect(await samples(made.outputPath)).toBe(await samples(path));
});
