import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg, runFfprobe } from '@reelmill/media';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { startMinio } from '../../../e2e/support/minioServer.ts';
import { createTestAgent } from './testing/testAgent.ts';
import { drawClipOfManyTracks, isEnded, newFolder, openTestFarm, submitOne, untilJob } from './testing/testFarm.ts';

let tools: FfmpegTools;
let clip: string;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  tools = await resolveFfmpeg();
  clip = join(await newFolder('clip'), 'many.mkv');
  await drawClipOfManyTracks(tools, clip, 6);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Kinds of streams, chapters and the title, as FFprobe finds them. */
async function contents(path: string) {
  const args = ['-show_streams', '-show_chapters', '-show_format', '-of', 'json', path];
  const { stdout } = await runFfprobe(args, { tools, signal: new AbortController().signal });
  const answer = JSON.parse(stdout);
  return {
    types: answer.streams.map((stream: { codec_type: string }) => stream.codec_type),
    starts: answer.streams.slice(1, 3).map((stream: { start_time: string }) => Number(stream.start_time)),
    chapters: answer.chapters.length,
    title: answer.format.tags.title,
  };
}
const everything = {
  types: ['video', 'audio', 'audio', 'subtitle', 'attachment'],
  starts: [0, 0.5],
  chapters: 1,
  title: 'Many tracks',
};

let hashBesideTheCoordinator: string | undefined;

test('each audio track is a task of its own; the join beside the coordinator adds all the rest', async () => {
  const open = await openTestFarm(await newFolder('data'), { tools, segmentRetentionMs: 60_000 });
  closing.push(() => open.close());
  const agent = createTestAgent(open, { name: 'near', slots: 2, tools });
  closing.push(() => agent.die());
  await agent.join();
  const jobId = await submitOne(open.core, clip, { outputFolder: await newFolder('out') });
  const job = await untilJob(open.core, jobId, isEnded);
  expect(job).toMatchObject({ state: 'done', error: null, chunksDone: 3, warnings: [] });
  const names = agent.offers.filter(({ kind }) => kind === 'audio').map(({ taskId }) => taskId.split('/').at(-1));
  expect(names.sort()).toEqual(['audio', 'audio-1']);
  expect(await contents(job.outputs[0]?.path ?? '')).toEqual(everything);
  hashBesideTheCoordinator = job.outputs[0]?.sha256;
});

test('a join on the farm is given the source, and makes the same bytes', async () => {
  const server = await startMinio({ folder: await newFolder('minio') });
  closing.push(() => server.stop());
  const { endpoint, port, accessKey, secretKey } = server;
  const storage = { kind: 's3', endpoint, port, accessKey, secretKey, useSSL: false } as const;
  const open = await openTestFarm(await newFolder('data'), { tools, storage });
  closing.push(() => open.close());
  const agent = createTestAgent(open, { name: 'far', slots: 2, tools, remoteBaseUrl: 'http://unused.invalid' });
  closing.push(() => agent.die());
  await agent.join();
  const jobId = await submitOne(open.core, clip, { outputFolder: await newFolder('out') });
  const job = await untilJob(open.core, jobId, isEnded);
  expect(job).toMatchObject({ state: 'done', error: null, chunksDone: 3 });
  expect(agent.offers.find(({ kind }) => kind === 'join')?.source?.kind).toBe('fetch');
  expect(await contents(job.outputs[0]?.path ?? '')).toEqual(everything);
  expect(job.outputs[0]?.sha256).toBe(hashBesideTheCoordinator);
});
