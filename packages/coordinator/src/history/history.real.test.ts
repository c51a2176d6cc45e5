import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import type { JobHistoryPatch, JobView, TaskOffer } from '@reelmill/protocol';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { OpenCore } from '../openCore.ts';
import { createTestAgent } from '../testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, untilJob } from '../testing/testFarm.ts';

let tools: FfmpegTools;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  tools = await resolveFfmpeg();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function farm(dataDir: string): Promise<OpenCore> {
  const open = await openTestFarm(dataDir, { tools });
  closing.push(() => open.close());
  return open;
}

test('the history of a job has the lost attempt and the one in its place, live and after a restart', async () => {
  const [dataDir, output] = [await newFolder('farm'), await newFolder('out')];
  const clip = join(await newFolder('clip'), 'clip.mp4');
  await drawClip(tools, clip, 6);
  const open = await farm(dataDir);
  let reached = (): void => {};
  const kept = new Promise<void>((resolve) => (reached = resolve));
  const beforeReport = (): Promise<never> => {
    reached();
    return new Promise(() => {});
  };
  const doomed = createTestAgent(open, { name: 'doomed', slots: 1, tools, beforeReport });
  await doomed.join();
  const jobId = await submitOne(open.core, clip, { outputFolder: output });
  await kept;
  const patches: JobHistoryPatch[] = [];
  const watched = await open.core.watchAttempts(jobId, (patch) => patches.push(patch));
  const [offer] = doomed.offers as [TaskOffer];
  const shown = watched.history.attempts.find(({ taskId }) => taskId === offer.taskId);
  expect(shown).toMatchObject({ attempt: 1, state: 'running', node: 'doomed' });

  void doomed.die();
  await open.core.agentLeft(doomed.connection, 'bye');
  const saver = createTestAgent(open, { name: 'saver', slots: 2, tools });
  closing.push(() => saver.die());
  await saver.join();
  const job: JobView = await untilJob(open.core, jobId, isEnded);
  expect(job.state).toBe('done');
  const live = await open.core.attempts(jobId);
  const of = live.attempts.filter(({ taskId }) => taskId === offer.taskId);
  expect(of.map(({ attempt, state, node }) => [attempt, state, node])).toEqual([
    [1, 'lost', 'doomed'],
    [2, 'completed', 'saver'],
  ]);
  expect(of.every(({ grantedAt, endedAt }) => grantedAt !== null && endedAt !== null && grantedAt <= endedAt)).toBe(
    true,
  );
  expect(live.stages.map(({ stage, state }) => `${stage} ${state}`)).toEqual(
    ['probe', 'index', 'hash', 'encode', 'sound', 'upload', 'verify', 'join', 'check', 'publish'].map(
      (stage) => `${stage} done`,
    ),
  );
  expect(patches.flatMap(({ attempts }) => attempts).some(({ state }) => state === 'lost')).toBe(true);
  watched.stop();

  const { outputs } = await open.core.quality(jobId);
  expect(outputs[0]?.proof).toMatchObject({ frames: 150, sourceFrames: 150, chunks: 3, seams: 2, depth: 'seams' });
  const request = { jobId, taskId: offer.taskId };
  expect(await open.core.attemptLog({ ...request, attempt: 1 })).toMatchObject({
    from: 'none',
    node: 'doomed',
    runs: [],
  });
  await expect(open.core.attemptLog({ ...request, attempt: 9 })).rejects.toMatchObject({ code: 'NOT_FOUND' });

  await open.close();
  const again = await farm(dataDir);
  const { now: _, ...after } = await again.core.attempts(jobId);
  const { now: __, ...before } = live;
  expect(after).toEqual(before);
});

test('a chunk that nobody has begun shows the command of the plan', async () => {
  const clip = join(await newFolder('clip'), 'clip.mp4');
  await drawClip(tools, clip, 4);
  const open = await farm(await newFolder('farm'));
  const jobId = await submitOne(open.core, clip, { preset: 'h264-480p', outputFolder: await newFolder('out') });
  await untilJob(open.core, jobId, ({ chunks }) => chunks.length > 0);
  const log = await open.core.attemptLog({ jobId, chunk: 1 });
  expect(log).toMatchObject({ from: 'plan', attempt: 0, node: null, taskId: `${jobId}/h264-480p/encode-0001` });
  await expect(open.core.attemptLog({ jobId, chunk: 9 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(log.runs[0]?.args).toEqual(expect.arrayContaining([`file:${clip}`, '-c:v', 'libx264']));
});
