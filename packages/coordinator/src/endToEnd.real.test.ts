import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FfmpegTools, frameHashes, resolveFfmpeg } from '@reelmill/media';
import type { TaskOffer } from '@reelmill/protocol';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { OpenCore } from './openCore.ts';
import { createTestAgent, type TestAgent } from './testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, submitPaths, untilJob } from './testing/testFarm.ts';

let tools: FfmpegTools;
let clip: string;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  tools = await resolveFfmpeg();
  clip = join(await newFolder('clip'), 'clip.mp4');
  await drawClip(tools, clip, 6);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function farm(dataDir?: string): Promise<OpenCore> {
  const open = await openTestFarm(dataDir ?? (await newFolder('farm')), { tools });
  closing.push(() => open.close());
  return open;
}
async function agentOf(
  open: OpenCore,
  options: Partial<Parameters<typeof createTestAgent>[1]> = {},
): Promise<TestAgent> {
  const agent = createTestAgent(open, { name: 'one', slots: 2, tools, ...options });
  closing.push(() => agent.die());
  await agent.join();
  return agent;
}
const hashes = (path: string) => frameHashes(path, { tools, signal: new AbortController().signal });

test('a clip cut at 2 s comes out with the frames of its source, in order, and leaves no scratch', async () => {
  const open = await farm();
  const output = await newFolder('out');
  await agentOf(open);
  const jobId = await submitOne(open.core, clip, { outputFolder: output });
  const job = await untilJob(open.core, jobId, isEnded);
  expect(job).toMatchObject({ state: 'done', error: null, chunksDone: 3, chunksTotal: 3, plan: 'chunked' });
  const [published] = job.outputs;
  expect((await readdir(output)).sort()).toEqual(['clip_ffv1-archive.mkv', 'clip_ffv1-archive.mkv.proof.json']);
  expect(published?.path).toBe(join(output, 'clip_ffv1-archive.mkv'));
  expect(published?.frames).toBe(150);
  expect(await hashes(published?.path ?? '')).toEqual(await hashes(clip));
  const bytes = await readFile(published?.path ?? '');
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(published?.sha256);
  await open.close();
  const kept = await open.context.store.list(`videos/${jobId}`);
  expect(kept.map((object) => object.key)).toEqual([]);
});

test('segments of a done job stay in the store for their retention, under the agreed keys', async () => {
  const open = await openTestFarm(await newFolder('farm'), { tools, segmentRetentionMs: 60_000 });
  closing.push(() => open.close());
  await agentOf(open);
  const jobId = await submitOne(open.core, clip, { outputFolder: await newFolder('out') });
  await untilJob(open.core, jobId, isEnded);
  await open.close();
  const keys = (await open.context.store.list(`videos/${jobId}`)).map((object) => object.key).sort();
  expect(keys).toEqual([
    `videos/${jobId}/manifests/source.json`,
    expect.stringMatching(/\/outputs\/ffv1-archive\/audio\.\w+$/),
    ...[0, 1, 2].map((index) => `videos/${jobId}/outputs/ffv1-archive/segments/seg_000${index}.mkv`),
  ]);
});

test('a dead agent loses its lease and its chunk is made by another; its late result is stale', async () => {
  const open = await farm();
  let reached = (): void => {};
  const kept = new Promise<void>((resolve) => (reached = resolve));
  const doomed = await agentOf(open, {
    name: 'doomed',
    slots: 1,
    beforeReport: () => {
      reached();
      return new Promise(() => {});
    },
  });
  const jobId = await submitOne(open.core, clip, { outputFolder: await newFolder('out') });
  await kept;
  const [lost] = doomed.offers as [TaskOffer];
  void doomed.die();
  await open.core.agentLeft(doomed.connection, 'bye');
  const heir = await agentOf(open, { name: 'heir' });
  const job = await untilJob(open.core, jobId, isEnded);
  expect(job.state).toBe('done');
  expect(heir.offers.map((offer) => offer.taskId)).toContain(lost.taskId);
  const late = {
    taskId: lost.taskId,
    attempt: lost.attempt,
    outcome: { kind: 'failed', error: { code: 'INTERNAL', cause: 'late', fix: 'none', details: {} } },
  } as const;
  expect(await open.core.agentFinished(doomed.connection.nodeId, late)).toBe('stale');
});

test('a result whose bytes are not what it says is rejected and made again', async () => {
  const open = await farm();
  let lies = 1;
  await agentOf(open, {
    beforeReport: (_offer, outcome) => {
      if (outcome.kind !== 'completed' || lies-- <= 0) return outcome;
      return { ...outcome, artifacts: outcome.artifacts.map((artifact) => ({ ...artifact, sha256: '0'.repeat(64) })) };
    },
  });
  const jobId = await submitOne(open.core, clip, { outputFolder: await newFolder('out') });
  const job = await untilJob(open.core, jobId, isEnded);
  expect(job.state).toBe('done');
  expect(job.attempts).toBe(5);
});

test('a segment damaged in the store is noticed at the join and made again', async () => {
  const open = await farm();
  let damaged: string | undefined;
  await agentOf(open, {
    slots: 1,
    beforeReport: async (offer, outcome) => {
      if (offer.taskId.endsWith('encode-0000') || damaged !== undefined) return outcome;
      const first = [...open.context.dispatcher.state().tasks].find(([taskId]) => taskId.endsWith('encode-0000'))?.[1];
      if (first?.phase.kind !== 'completed') return outcome;
      damaged = open.context.store.localPath(first.phase.result.artifacts[0]?.key ?? '') ?? '';
      const bytes = await readFile(damaged);
      bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
      await writeFile(damaged, bytes);
      return outcome;
    },
  });
  const jobId = await submitOne(open.core, clip, { outputFolder: await newFolder('out') });
  const job = await untilJob(open.core, jobId, isEnded);
  expect(damaged).toBeDefined();
  expect(job).toMatchObject({ state: 'done', error: null });
  expect(await hashes(job.outputs[0]?.path ?? '')).toEqual(await hashes(clip));
});

test('a source that changes while it is rendered stops the job and nothing is published', async () => {
  const open = await farm();
  const changing = join(await newFolder('clip'), 'changing.mp4');
  await writeFile(changing, await readFile(clip));
  const output = await newFolder('out');
  await agentOf(open, {
    slots: 1,
    beforeReport: async (_offer, outcome) => {
      await appendFile(changing, 'x');
      return outcome;
    },
  });
  const jobId = await submitOne(open.core, changing, { outputFolder: output });
  const job = await untilJob(open.core, jobId, isEnded);
  expect(job).toMatchObject({ state: 'failed', error: { code: 'SOURCE_CHANGED' } });
  expect(await readdir(output)).toEqual([]);
});

test('bad inputs become failed jobs with their codes while a good one is done', async () => {
  const open = await farm();
  const folder = await newFolder('bad');
  await writeFile(join(folder, 'zero.mp4'), '');
  await writeFile(join(folder, 'text.mp4'), 'only words');
  await writeFile(join(folder, 'truncated.mp4'), (await readFile(clip)).subarray(0, 60_000));
  await agentOf(open);
  const paths = ['zero.mp4', 'text.mp4', 'missing.mp4', 'truncated.mp4'].map((name) => join(folder, name));
  const ids = await submitPaths(open.core, { paths: [...paths, clip], outputFolder: await newFolder('out') });
  const jobs = await Promise.all(ids.map((jobId) => untilJob(open.core, jobId, isEnded)));
  expect(jobs.map((job) => job.error?.code ?? job.state)).toEqual([
    'SOURCE_EMPTY',
    'UNSUPPORTED_MEDIA',
    'SOURCE_NOT_FOUND',
    expect.stringMatching(/^(SOURCE_TRUNCATED|DECODE_FAILED|UNSUPPORTED_MEDIA|SOURCE_UNREADABLE)$/),
    'done',
  ]);
});

test('a canceled job stops its encoders, and a retry keeps what was verified', async () => {
  const open = await farm();
  const output = await newFolder('out');
  let accepted = 0;
  const agent = await agentOf(open, {
    slots: 1,
    beforeReport: (_offer, outcome) => {
      accepted += 1;
      return outcome;
    },
  });
  const jobId = await submitOne(open.core, clip, { outputFolder: output });
  await untilJob(open.core, jobId, (job) => job.chunksDone >= 1);
  await open.core.cancel(jobId);
  expect((await untilJob(open.core, jobId, isEnded)).state).toBe('canceled');
  expect(await readdir(output)).toEqual([]);
  const offeredBefore = agent.offers.length;
  await open.core.retry(jobId);
  const job = await untilJob(open.core, jobId, (one) => one.state === 'done');
  expect(job.chunksDone).toBe(3);
  expect(accepted).toBeLessThanOrEqual(5);
  expect(agent.offers.length - offeredBefore).toBeLessThan(4);
});

test('what a touched file costs: the same bytes with another time are a changed source', async () => {
  const open = await farm();
  const touched = join(await newFolder('clip'), 'touched.mp4');
  await writeFile(touched, await readFile(clip));
  const jobId = await submitOne(open.core, touched, { outputFolder: await newFolder('out') });
  await untilJob(open.core, jobId, (job) => job.chunksTotal > 0);
  await utimes(touched, 1, 1);
  await agentOf(open);
  const failed = await untilJob(open.core, jobId, isEnded);
  expect(failed.error?.code).toBe('SOURCE_CHANGED');
  await open.core.retry(jobId);
  expect((await untilJob(open.core, jobId, (job) => job.state === 'done')).chunksDone).toBe(3);
});
