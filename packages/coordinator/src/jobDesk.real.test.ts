import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import type { JobId } from '@reelmill/protocol';
import { beforeAll, expect, test } from 'vitest';
import type { OpenCore } from './openCore.ts';
import { removeDiscarded } from './removalGrace.ts';
import { createTestAgent } from './testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, submitPaths, untilJob } from './testing/testFarm.ts';

let tools: FfmpegTools;
let clip: string;
beforeAll(async () => {
  tools = await resolveFfmpeg();
  clip = join(await newFolder('clip'), 'clip.mp4');
  await drawClip(tools, clip, 4);
});

const jobs = ({ core }: OpenCore) => core.projection.snapshot().farm.jobs;
const ids = (open: OpenCore) => jobs(open).map(({ jobId }) => jobId);
const jobOf = (open: OpenCore, jobId: JobId) => jobs(open).find((job) => job.jobId === jobId);
const planned = (open: OpenCore, jobId: JobId) => basename(jobOf(open, jobId)?.plannedOutput ?? '');

test('check 16: removed jobs come back at their indices, also from a coordinator that was restarted', async () => {
  const dataDir = await newFolder('farm');
  const outputFolder = await newFolder('out');
  let open = await openTestFarm(dataDir, { tools });
  for (let count = 0; count < 4; count += 1) await submitOne(open.core, clip, { outputFolder, hold: true });
  const before = ids(open);
  const [, second, third, fourth] = before as [JobId, JobId, JobId, JobId];
  for (const jobId of [second, third, fourth]) await open.core.discard(jobId);
  expect(ids(open)).toEqual([before[0]]);
  await expect(open.core.retry(second)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await open.close();
  open = await openTestFarm(dataDir, { tools });
  expect(ids(open)).toEqual([before[0]]);
  await open.core.restore(third);
  await open.core.restore(second);
  expect(ids(open)).toEqual(before.slice(0, 3));
  expect(jobOf(open, second)).toMatchObject({ state: 'queued', held: true });
  await removeDiscarded(partsOf(open), 0);
  await expect(open.core.restore(fourth)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await open.close();
});

/** What the grace looks at. */
const partsOf = (open: OpenCore) => ({ context: open.context, sweeper: { noteRemoval: () => {} } }) as never;

test('preset and name of a waiting job are changed and rendered so; once chunks are out they are refused', async () => {
  const open = await openTestFarm(await newFolder('farm'), { tools });
  const outputFolder = await newFolder('out');
  const jobId = await submitOne(open.core, clip, { outputFolder });
  await untilJob(open.core, jobId, ({ plan }) => plan !== null);
  await open.core.change(jobId, { preset: 'h264-320p' });
  expect(planned(open, jobId)).toBe('clip_h264-320p.mp4');
  await open.core.change(jobId, { outputName: '{source} for {folder}' });
  await expect(open.core.change(jobId, { outputName: '{width}' })).rejects.toMatchObject({ code: 'NAME_INVALID' });
  await expect(open.core.change(jobId, { preset: 'nothing' })).rejects.toMatchObject({ code: 'PRESET_UNKNOWN' });
  const agent = createTestAgent(open, { name: 'one', slots: 1, tools });
  await agent.join();
  const done = await untilJob(open.core, jobId, isEnded);
  expect(done).toMatchObject({ state: 'done', presets: ['h264-320p'] });
  expect(basename(done.outputs[0]?.path ?? '')).toMatch(/^clip for reelmill-clip-.*\.mp4$/);
  await expect(open.core.change(jobId, { preset: 'h264-480p' })).rejects.toMatchObject({ code: 'JOB_STATE' });
  await agent.leave();
  await open.close();
});

test('checks 7 and 36: names are settled at the submission; the same file twice, and a duplicate, get their own', async () => {
  const open = await openTestFarm(await newFolder('farm'), { tools });
  const outputFolder = await newFolder('out');
  await writeFile(join(outputFolder, 'clip 001.mkv'), 'somebody else');
  const request = { outputFolder, hold: true, name: '{source} {counter}' };
  const [first, second] = await submitPaths(open.core, { ...request, paths: [clip, clip] });
  const [third] = (await open.core.duplicate(first as JobId)).jobs;
  expect([first, third?.jobId, second].map((jobId) => planned(open, jobId as JobId))).toEqual([
    'clip 001 (2).mkv',
    'clip 001 (3).mkv',
    'clip 002.mkv',
  ]);
  expect(ids(open)).toEqual([first, third?.jobId, second]);
  await expect(submitOne(open.core, clip, { ...request, name: '{nope}' })).rejects.toMatchObject({
    code: 'NAME_INVALID',
  });
  await expect(submitOne(open.core, 'https://example.org/a.mov', request)).rejects.toMatchObject({
    code: 'URL_UNSUPPORTED',
  });
  await open.close();
});

test('check 4: a folder of five media and four others is five jobs, mirrored below the output folder', async () => {
  const open = await openTestFarm(await newFolder('farm'), { tools });
  const folder = await newFolder('shoot');
  for (const name of ['one.mp4', 'two.mp4', 'day 1/three.mp4', 'day 1/a/four.mp4', 'day 2/five.mp4']) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await copyFile(clip, join(folder, name));
  }
  for (const name of ['notes.txt', 'day 1/a.json', 'day 1/a/b.csv', 'day 2/c.log']) {
    await writeFile(join(folder, name), 'not media');
  }
  await mkdir(join(folder, 'empty'));
  const outputFolder = await newFolder('out');
  const answer = await open.core.submit({
    ...{ inputs: [{ kind: 'path', path: folder }], preset: 'h264-320p', settings: {}, outputFolder, hold: true },
    ...{ chunkSeconds: null, threads: null, verify: 'seams' },
  });
  expect(answer.skipped).toHaveLength(4);
  expect(answer.jobs.map(({ plannedOutput }) => plannedOutput.slice(outputFolder.length + 1)).sort()).toEqual([
    'day 1/a/four_h264-320p.mp4',
    'day 1/three_h264-320p.mp4',
    'day 2/five_h264-320p.mp4',
    'one_h264-320p.mp4',
    'two_h264-320p.mp4',
  ]);
  await open.close();
});

test('check 5: a hundred frames are one job that says so, and which number is missing', async () => {
  const open = await openTestFarm(await newFolder('farm'), { tools });
  const folder = await newFolder('frames');
  for (let number = 1001; number <= 1100; number += 1) {
    if (number !== 1047) await writeFile(join(folder, `shot_${number}.exr`), '');
  }
  const jobId = await submitOne(open.core, folder, { outputFolder: await newFolder('out'), hold: true });
  expect(jobOf(open, jobId)).toMatchObject({ name: 'shot_[1001-1100].exr', sequence: { frames: 99, missing: '1047' } });
  expect(jobs(open)).toHaveLength(1);
  await open.close();
});
