import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type FfmpegTools, frameHashes, resolveFfmpeg } from '@reelmill/media';
import { JobId } from '@reelmill/protocol';
import { beforeAll, expect, test } from 'vitest';
import { createTestAgent } from './testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, untilJob } from './testing/testFarm.ts';

let tools: FfmpegTools;
let clip: string;
beforeAll(async () => {
  tools = await resolveFfmpeg();
  clip = join(await newFolder('clip'), 'clip.mp4');
  await drawClip(tools, clip, 8);
});

/** Runs a farm in a process of its own and kills it with SIGKILL as soon as `isTime` says so; returns the job's id. */
async function killMidJob(dataDir: string, output: string, isTime: (line: string) => boolean): Promise<JobId> {
  const script = fileURLToPath(new URL('./testing/farmChild.ts', import.meta.url));
  const child = spawn(process.execPath, [script, dataDir, clip, output], { stdio: ['ignore', 'pipe', 'inherit'] });
  let jobId: string | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('submitted ')) jobId = line.slice('submitted '.length);
    if (isTime(line)) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
  return JobId.parse(jobId);
}

test('kill -9 mid-job: the restart finishes the job and encodes no verified chunk again', async () => {
  const [dataDir, output] = [await newFolder('farm'), await newFolder('out')];
  const jobId = await killMidJob(dataDir, output, (line) => line.startsWith('chunks 1'));
  const open = await openTestFarm(dataDir, { tools });
  const tasks = open.context.dispatcher.state().tasks;
  const verified = [...tasks].filter(([, task]) => task.phase.kind === 'completed' && task.plan.place === 'farm');
  expect(verified.length).toBeGreaterThanOrEqual(1);
  const agent = createTestAgent(open, { name: 'heir', slots: 2, tools });
  await agent.join();
  const job = await untilJob(open.core, jobId, isEnded);
  await agent.leave();
  await open.close();
  expect(job).toMatchObject({ state: 'done', chunksDone: 4, error: null });
  const offered = new Set(agent.offers.map((offer) => offer.taskId));
  expect(verified.map(([taskId]) => taskId).filter((taskId) => offered.has(taskId))).toEqual([]);
  expect((await readdir(output)).sort()).toEqual(['clip_ffv1-archive.mkv', 'clip_ffv1-archive.mkv.proof.json']);
  const run = { tools, signal: new AbortController().signal };
  expect(await frameHashes(job.outputs[0]?.path ?? '', run)).toEqual(await frameHashes(clip, run));
});

test('an orderly end and a new start go on where the job was', async () => {
  const [dataDir, output] = [await newFolder('farm'), await newFolder('out')];
  const first = await openTestFarm(dataDir, { tools });
  const before = createTestAgent(first, { name: 'one', slots: 1, tools });
  await before.join();
  const jobId = await submitOne(first.core, clip, { outputFolder: output });
  await untilJob(first.core, jobId, (job) => job.chunksDone >= 1);
  await before.leave();
  await first.close();
  const second = await openTestFarm(dataDir, { tools });
  const after = createTestAgent(second, { name: 'two', slots: 2, tools });
  await after.join();
  const job = await untilJob(second.core, jobId, isEnded);
  await after.leave();
  await second.close();
  expect(job).toMatchObject({ state: 'done', error: null });
  expect(after.offers.length).toBeLessThan(5);
});
