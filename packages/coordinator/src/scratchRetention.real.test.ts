import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import type { JobId } from '@reelmill/protocol';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { startMinio } from '../../../e2e/support/minioServer.ts';
import type { OpenCore } from './openCore.ts';
import { createTestAgent } from './testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, untilJob } from './testing/testFarm.ts';

let tools: FfmpegTools;
let clip: string;
const closing: (() => Promise<void>)[] = [];
const hourMs = 3_600_000;

beforeAll(async () => {
  tools = await resolveFfmpeg();
  clip = join(await newFolder('clip'), 'clip.mp4');
  await drawClip(tools, clip, 3);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function farm(dataDir: string, settings: Partial<Parameters<typeof openTestFarm>[1]>): Promise<OpenCore> {
  const open = await openTestFarm(dataDir, { tools, ...settings });
  closing.push(() => open.close());
  return open;
}
async function render(open: OpenCore, rest: Partial<Parameters<typeof submitOne>[2]>, remoteBaseUrl?: string) {
  const agent = createTestAgent(open, { name: 'one', slots: 2, tools, ...(remoteBaseUrl && { remoteBaseUrl }) });
  closing.push(() => agent.die());
  await agent.join();
  const outputFolder = await newFolder('out');
  const jobId = await submitOne(open.core, clip, { outputFolder, ...rest });
  return { job: await untilJob(open.core, jobId, isEnded), outputFolder };
}
const keys = async ({ context }: OpenCore): Promise<string[]> => (await context.store.list('')).map(({ key }) => key);
/** A retry, which a job that is done refuses, waits for all sweeping before. */
const swept = ({ core }: OpenCore, jobId: JobId): Promise<void> => expect(core.retry(jobId)).rejects.toThrow();

test('finished chunks stay for their time, the job says until when, and go before it where room is short', async () => {
  const dataDir = await newFolder('data');
  const first = await farm(dataDir, { segmentRetentionMs: hourMs });
  const { job, outputFolder } = await render(first, {});
  const { jobId, finishedAt } = job;
  expect(Date.parse(job.chunksKeptUntil ?? '') - Date.parse(finishedAt ?? '')).toBe(hourMs);
  await swept(first, jobId);
  expect(await keys(first)).toContain(`videos/${jobId}/outputs/ffv1-archive/segments/seg_0000.mkv`);
  expect((await keys(first)).filter((key) => key.includes('/attempts/'))).toEqual([]);
  await first.close();
  const second = await farm(dataDir, { segmentRetentionMs: hourMs, minFreeBytes: 2 ** 60 });
  await untilJob(second.core, jobId, ({ chunksKeptUntil }) => chunksKeptUntil === null);
  expect(await keys(second)).toEqual([]);
  expect((await readdir(outputFolder)).sort()).toEqual(['clip_ffv1-archive.mkv', 'clip_ffv1-archive.mkv.proof.json']);
});

test('with keepScratch verify nothing is left in a bucket but what was asked for', async () => {
  const server = await startMinio({ folder: await newFolder('minio') });
  closing.push(() => server.stop());
  const { endpoint, port, accessKey, secretKey } = server;
  const storage = { kind: 's3', endpoint, port, accessKey, secretKey, useSSL: false } as const;
  const open = await farm(await newFolder('data'), { storage, segmentRetentionMs: hourMs });
  const { job } = await render(open, { keepScratch: 'verify' }, 'http://unused.invalid');
  expect(job).toMatchObject({ state: 'done', chunksKeptUntil: null });
  await swept(open, job.jobId);
  expect(await keys(open)).toEqual([]);
  const record = open.context.dispatcher.state().jobs.get(job.jobId);
  expect(Date.parse(record?.scratchRemovedAtIso ?? '')).toBeGreaterThanOrEqual(Date.parse(job.finishedAt ?? ''));
});
