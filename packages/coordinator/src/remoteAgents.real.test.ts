import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FfmpegTools, frameHashes, resolveFfmpeg } from '@reelmill/media';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { startMinio } from '../../../e2e/support/minioServer.ts';
import { createCoordinator } from './createCoordinator.ts';
import { createTestAgent } from './testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, untilJob } from './testing/testFarm.ts';

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
const hashes = (path: string) => frameHashes(path, { tools, signal: new AbortController().signal });

async function coordinatorWithDoors() {
  const dataDir = await newFolder('data');
  const settings = { dataDir, port: 0, lan: false, tools, staticFolder: null, logLevel: 'silent' } as const;
  const coordinator = await createCoordinator({ ...settings, storage: { kind: 'embedded' } });
  closing.push(() => coordinator.close());
  return coordinator;
}
/** A remote agent never touches the store or the proof: reading either is a fault of the test. */
const nothing = { identity: { sameMachineProof: 'unknown to remote agents' }, context: {} as never };

test('an agent of another machine reads the original by signed URL and uploads by signed URL', async () => {
  const { core, info } = await coordinatorWithDoors();
  const agent = createTestAgent({ core, ...nothing }, { name: 'far', slots: 2, tools, remoteBaseUrl: info.apiUrl });
  closing.push(() => agent.die());
  await agent.join();
  const jobId = await submitOne(core, clip, { outputFolder: await newFolder('out') });
  const job = await untilJob(core, jobId, isEnded);
  expect(job).toMatchObject({ state: 'done', error: null, chunksDone: 3 });
  expect(agent.offers.map((offer) => offer.source?.kind)).toEqual(['fetch', 'fetch', 'fetch', 'fetch']);
  expect(await hashes(job.outputs[0]?.path ?? '')).toEqual(await hashes(clip));
});

test('a copy of the source that is not the source is noticed before anything is joined', async () => {
  const { core, info } = await coordinatorWithDoors();
  let lied = false;
  const agent = createTestAgent(
    { core, ...nothing },
    {
      name: 'far',
      slots: 1,
      tools,
      remoteBaseUrl: info.apiUrl,
      beforeReport: (_offer, outcome) => {
        if (lied || outcome.kind !== 'completed') return outcome;
        lied = true;
        return { ...outcome, sourceSha256: 'f'.repeat(64) };
      },
    },
  );
  closing.push(() => agent.die());
  await agent.join();
  const jobId = await submitOne(core, clip, { outputFolder: await newFolder('out') });
  const job = await untilJob(core, jobId, isEnded);
  expect(job).toMatchObject({ state: 'done', attempts: 5 });
});

test('with an S3 store the farm joins, the source is uploaded once, and keys are as agreed', async () => {
  const server = await startMinio({ folder: await newFolder('minio') });
  closing.push(() => server.stop());
  const { endpoint, port, accessKey, secretKey } = server;
  const storage = { kind: 's3', endpoint, port, accessKey, secretKey, useSSL: false } as const;
  const open = await openTestFarm(await newFolder('data'), { tools, storage, segmentRetentionMs: 60_000 });
  closing.push(() => open.close());
  const output = await newFolder('out');
  const agent = createTestAgent(open, { name: 'far', slots: 2, tools, remoteBaseUrl: 'http://unused.invalid' });
  closing.push(() => agent.die());
  await agent.join();
  const jobId = await submitOne(open.core, clip, { outputFolder: output });
  const job = await untilJob(open.core, jobId, isEnded);
  expect(job).toMatchObject({ state: 'done', error: null, chunksDone: 3 });
  expect(agent.offers.map((offer) => offer.kind).sort()).toEqual(['audio', 'encode', 'encode', 'encode', 'join']);
  expect((await readdir(output)).sort()).toEqual(['clip_ffv1-archive.mkv', 'clip_ffv1-archive.mkv.proof.json']);
  expect(await hashes(job.outputs[0]?.path ?? '')).toEqual(await hashes(clip));
  await open.close();
  const keys = (await open.context.store.list(`videos/${jobId}/`)).map((object) => object.key).sort();
  expect(keys).toEqual([
    `videos/${jobId}/manifests/source.json`,
    expect.stringMatching(/\/outputs\/ffv1-archive\/audio\.\w+$/),
    `videos/${jobId}/outputs/ffv1-archive/joined.mkv`,
    ...[0, 1, 2].map((index) => `videos/${jobId}/outputs/ffv1-archive/segments/seg_000${index}.mkv`),
  ]);
});

test('a source that changes before a far agent fetched it is never encoded', async () => {
  const { core, info } = await coordinatorWithDoors();
  const changing = join(await newFolder('clip'), 'changing.mp4');
  await writeFile(changing, await readFile(clip));
  const jobId = await submitOne(core, changing, { outputFolder: await newFolder('out') });
  await untilJob(core, jobId, (job) => job.chunksTotal > 0);
  await appendFile(changing, 'x');
  const agent = createTestAgent({ core, ...nothing }, { name: 'far', slots: 1, tools, remoteBaseUrl: info.apiUrl });
  closing.push(() => agent.die());
  await agent.join();
  expect((await untilJob(core, jobId, isEnded)).error?.code).toBe('SOURCE_CHANGED');
  expect(agent.offers).toEqual([]);
});
