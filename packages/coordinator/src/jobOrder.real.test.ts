import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import { dataFiles } from '@reelmill/protocol';
import { beforeAll, expect, test } from 'vitest';
import { createTestAgent } from './testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, untilJob } from './testing/testFarm.ts';

let tools: FfmpegTools;
let clip: string;
beforeAll(async () => {
  tools = await resolveFfmpeg();
  clip = join(await newFolder('clip'), 'clip.mp4');
  await drawClip(tools, clip, 4);
});

test('a stop marker ends the work behind its job, also when that was submitted first', async () => {
  const open = await openTestFarm(await newFolder('farm'), { tools });
  const agent = createTestAgent(open, { name: 'one', slots: 2, tools });
  await open.core.pauseFarm(null);
  const behind = await submitOne(open.core, clip, { outputFolder: await newFolder('out') });
  const first = await submitOne(open.core, clip, { outputFolder: await newFolder('out'), priority: 'high' });
  await open.core.order(behind, { deadline: new Date(Date.now() + 3600_000).toISOString() });
  await agent.join();
  expect(open.core.projection.snapshot().farm.stats).toMatchObject({ paused: true, stopAfter: null });
  await open.core.pauseFarm(first);
  expect((await untilJob(open.core, first, isEnded)).state).toBe('done');
  const { farm } = open.core.projection.snapshot();
  expect(farm.stats).toMatchObject({ paused: true, stopAfter: null });
  expect(farm.jobs).toMatchObject([
    { jobId: first, priority: 'high' },
    { jobId: behind, state: 'queued', deadlineRisk: 'none' },
  ]);
  await open.core.resumeFarm();
  expect((await untilJob(open.core, behind, isEnded)).state).toBe('done');
  await agent.leave();
  await open.close();
});

test('queues.json of the data folder names queues; jobs take their priority and can be moved between them', async () => {
  const dataDir = await newFolder('farm');
  const path = join(dataDir, dataFiles.queues);
  await writeFile(path, JSON.stringify([{ name: 'review', reserved: 2, cap: 1 }]));
  await expect(openTestFarm(dataDir, { tools })).rejects.toMatchObject({ code: 'USAGE' });
  await writeFile(
    path,
    JSON.stringify([
      { name: 'review', reserved: 1, priority: 'high' },
      { name: 'night', cap: 2 },
    ]),
  );
  const open = await openTestFarm(dataDir, { tools });
  const { core } = open;
  const output = { outputFolder: await newFolder('out'), hold: true };
  const jobId = await submitOne(core, clip, { ...output, queue: 'review' });
  const own = await submitOne(core, clip, { ...output, queue: 'review', priority: 'low' });
  await core.order(own, { queue: 'night' });
  await expect(submitOne(core, clip, { ...output, queue: 'never' })).rejects.toMatchObject({ code: 'QUEUE_UNKNOWN' });
  await expect(core.order(jobId, { queue: 'never' })).rejects.toMatchObject({ code: 'QUEUE_UNKNOWN' });
  await expect(core.order(jobId, { position: { after: own } })).rejects.toMatchObject({ code: 'JOB_STATE' });
  const { jobs, stats } = core.projection.snapshot().farm;
  expect(jobs).toMatchObject([
    { jobId, queue: 'review', priority: 'high', held: true, state: 'queued' },
    { jobId: own, queue: 'night', priority: 'low', held: true },
  ]);
  expect(stats.queues).toEqual([
    { name: 'review', reserved: 1, cap: null, priority: 'high', jobs: 1, busySlots: 0 },
    { name: 'night', reserved: 0, cap: 2, priority: 'normal', jobs: 1, busySlots: 0 },
  ]);
  await open.close();
});
