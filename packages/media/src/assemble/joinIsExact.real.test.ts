import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FilmManifest } from '../manifest.ts';
import { runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import { testRun } from '../testing/testRun.ts';
import { readPackets } from '../verify/readPackets.ts';
import { verifyRendition } from '../verify/verifyRendition.ts';
import { assembleRendition } from './assembleRendition.ts';
import { type HandMade, makeByHand } from './handPlan.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-join-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Frame times of the generated sources; ticks of the track's own time base. */
const timings = {
  'constant 25 fps': { rate: '25', timescale: 12800, pts: 'N*512' },
  'NTSC 30000/1001': { rate: '30000/1001', timescale: 30000, pts: 'N*1001' },
  'variable, off any grid': { rate: '30', timescale: 57600, pts: '(N*1920+mod(N*N*37\\,1700))' },
  'variable with a pause': { rate: '30', timescale: 600, pts: '(N*20+gte(N\\,31)*940)' },
} as const;

async function makeSource(name: string, timing: (typeof timings)[keyof typeof timings]): Promise<string> {
  const path = join(folder, `${name.replaceAll(/[^a-z0-9]/gi, '-')}.mp4`);
  const picture = `testsrc2=size=64x64:rate=${timing.rate}:duration=4,settb=1/${timing.timescale},setpts=${timing.pts}`;
  await runFfmpeg(
    [
      ...['-f', 'lavfi', '-i', picture, '-frames:v', '90', '-fps_mode', 'passthrough', '-enc_time_base', '-1'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '20'],
      ...['-video_track_timescale', String(timing.timescale), '-y', path],
    ],
    testRun(),
  );
  return path;
}

const hand = (sourcePath: string, container: FilmManifest['video']['chunkContainer']) =>
  makeByHand(
    {
      sourcePath,
      demuxer: 'mov',
      folder: `${sourcePath}-${container}`,
      chunkFrames: 31,
      container,
      audio: null,
    },
    testRun(),
  );

async function assemble(made: HandMade): Promise<void> {
  const { segmentPaths, audioPaths, sounds, outputPath } = made;
  await assembleRendition(made.manifest, { segmentPaths, audioPaths, sounds, sourcePath: null, outputPath }, testRun());
}

describe.each(Object.entries(timings))('joining chunks of a source with %s', (name, timing) => {
  test.each([
    ['mp4', 0],
    ['mov', 0],
    ['mkv', 0.000502],
  ] as const)('keeps every timestamp in %s within %s s', async (container, toleranceSeconds) => {
    const made = await hand(await makeSource(name, timing), container);
    expect(made.segmentPaths.length).toBe(3);
    await assemble(made);
    const report = await verifyRendition({ ...made.manifest, verify: 'full' }, made, testRun());
    expect(report.frames).toBe(90);
    expect(report.maxPtsErrorSeconds).toBeLessThanOrEqual(toleranceSeconds);
    const [video] = await readPackets(made.outputPath, testRun());
    expect(video?.dts.every((dts, at) => at === 0 || dts > (video.dts[at - 1] ?? dts))).toBe(true);
    if (container !== 'mkv') expect(await trackTicks(made.outputPath)).toBe(plannedLength(made.manifest));
  });
});

test('the same chunks joined twice give the same bytes', async () => {
  const source = await makeSource('constant 25 fps', timings['constant 25 fps']);
  for (const container of ['mp4', 'mov', 'mkv'] as const) {
    const made = await hand(source, container);
    const hashes: string[] = [];
    for (const name of ['first', 'second']) {
      const outputPath = join(folder, `${name}-${container}.part`);
      await assemble({ ...made, outputPath });
      hashes.push(
        createHash('sha256')
          .update(await readFile(outputPath))
          .digest('hex'),
      );
    }
    expect(hashes[1]).toBe(hashes[0]);
  }
});

test('chunks of different encoder settings are refused before the join', async () => {
  const source = await makeSource('constant 25 fps', timings['constant 25 fps']);
  for (const container of ['mp4', 'mkv'] as const) {
    const made = await hand(source, container);
    const strange = join(folder, `strange.${container}`);
    const codec = container === 'mp4' ? ['libx264', '-preset', 'medium', '-bf', '3'] : ['ffv1', '-level', '1'];
    await runFfmpeg(['-i', made.segmentPaths[1] ?? '', '-c:v', ...codec, '-y', strange], testRun());
    const mixed = { ...made, segmentPaths: [made.segmentPaths[0] ?? '', strange, made.segmentPaths[2] ?? ''] };
    await expect(assemble(mixed)).rejects.toMatchObject({ code: 'CHUNKS_INCOMPATIBLE', details: { chunkIndex: 1 } });
  }
});

test('a chunk that is one frame short is caught', async () => {
  const made = await hand(await makeSource('NTSC 30000/1001', timings['NTSC 30000/1001']), 'mp4');
  const short = join(folder, 'short.mp4');
  await runFfmpeg(['-i', made.segmentPaths[1] ?? '', '-c', 'copy', '-frames:v', '30', '-y', short], testRun());
  await assemble({ ...made, segmentPaths: [made.segmentPaths[0] ?? '', short, made.segmentPaths[2] ?? ''] });
  await expect(verifyRendition(made.manifest, made, testRun())).rejects.toMatchObject({ code: 'FRAME_COUNT' });
});

test('a missing chunk is refused', async () => {
  const made = await hand(await makeSource('constant 25 fps', timings['constant 25 fps']), 'mp4');
  const missing = { ...made, segmentPaths: made.segmentPaths.slice(1) };
  await expect(assemble(missing)).rejects.toMatchObject({ code: 'FRAME_COUNT' });
});

test('chunks of a variable rate in the wrong order are caught by their times', async () => {
  const made = await hand(await makeSource('variable, off any grid', timings['variable, off any grid']), 'mp4');
  const [first = '', second = '', third = ''] = made.segmentPaths;
  await assemble({ ...made, segmentPaths: [second, first, third] });
  await expect(verifyRendition(made.manifest, made, testRun())).rejects.toMatchObject({ code: 'TIMESTAMPS_WRONG' });
});

test.each([90, 180, 270])('a rotation of %i° clockwise is a tag that players follow', async (rotationTag) => {
  const source = await makeSource('constant 25 fps', timings['constant 25 fps']);
  const run = testRun();
  const plan = { sourcePath: source, demuxer: 'mov', chunkFrames: 31, container: 'mp4', audio: null } as const;
  const made = await makeByHand({ ...plan, folder: join(folder, `rotated-${rotationTag}`), rotationTag }, run);
  await assemble(made);
  const turn = { 90: 'transpose=clock', 180: 'hflip,vflip', 270: 'transpose=cclock' }[rotationTag] ?? '';
  const shown = await firstFrameHash(made.outputPath, []);
  const turned = await firstFrameHash(made.outputPath, ['-noautorotate'], turn);
  expect(shown).toBe(turned);
});

const plannedLength = ({ chunks }: FilmManifest) => chunks.reduce((sum, { durationTicks }) => sum + durationTicks, 0);

/** Length of the picture as the container states it, in its ticks: the last frame's own time included. */
async function trackTicks(path: string): Promise<number> {
  const args = ['-select_streams', 'v:0', '-show_entries', 'stream=duration_ts', '-of', 'csv=p=0', path];
  return Number((await runFfprobe(args, testRun())).stdout);
}

async function firstFrameHash(path: string, inputArgs: string[], filter = 'null'): Promise<string> {
  const args = [...inputArgs, '-i', path, '-vf', filter, '-frames:v', '1', '-f', 'md5', '-'];
  return (await runFfmpeg(args, testRun())).stdout.trim();
}
