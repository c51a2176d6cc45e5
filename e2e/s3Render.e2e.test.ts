import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { frameHashes, resolveFfmpeg } from '@reelmill/media';
import { JobLine, ReadyLine } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type StartedProcess,
  startCli,
  startRemoteAgent,
  submitClip,
  temporaryFolder,
  untilNoProcessNames,
  watchJob,
} from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { ensureMinio, startMinio } from './support/minioServer.ts';
import { createNetwork, type NamespaceHost, type NamespaceNetwork } from './support/namespaces.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let network: NamespaceNetwork;
let minio: Awaited<ReturnType<typeof startMinio>>;
let desk: NamespaceHost;
let clip: string;
const processes: StartedProcess[] = [];
const dataDir = (): string => join(folder.path, 'coordinator');

const s3Environment = (): NodeJS.ProcessEnv => ({
  REELMILL_S3_ENDPOINT: `http://${minio.endpoint}:${minio.port}`,
  REELMILL_S3_ACCESS_KEY: minio.accessKey,
  REELMILL_S3_SECRET_KEY: minio.secretKey,
  REELMILL_S3_BUCKET: 'videos',
});

beforeAll(async () => {
  await ensureMinio();
  folder = await temporaryFolder();
  network = await createNetwork('rms', 4);
  desk = network.hosts[0] as NamespaceHost;
  const store = network.hosts[3] as NamespaceHost;
  await mkdir(join(folder.path, 'minio'));
  minio = await startMinio({ folder: join(folder.path, 'minio'), host: store.address, namespace: store.namespace });
  clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 12 });
  const serve = ['serve', '--lan', '--json', '--port', '0', '--data', dataDir()];
  const coordinator = startCli(serve, { namespace: desk.namespace, env: s3Environment() });
  processes.push(coordinator);
  ReadyLine.parse(await coordinator.until((line) => line.type === 'ready'));
  for (const index of [1, 2]) {
    const { namespace } = network.hosts[index] as NamespaceHost;
    processes.push(await startRemoteAgent(index, { namespace, folder: folder.path, coordinatorData: dataDir() }));
  }
});
afterAll(async () => {
  for (const started of processes.reverse()) await started.stop();
  await minio.stop();
  await untilNoProcessNames(folder.path, 15_000);
  await network.remove();
  await folder.remove();
});

async function render(options: readonly string[]): Promise<JobLine> {
  const atDesk = { namespace: desk.namespace, coordinatorData: dataDir() };
  const jobId = await submitClip(clip, [...options, '--out', join(folder.path, 'out')], atDesk);
  const watch = watchJob(jobId, atDesk);
  processes.push(watch);
  const job = JobLine.parse(await watch.until((line) => line.type === 'job'));
  expect(job.state, JSON.stringify(job.error)).toBe('done');
  expect(job.nodes).toEqual(['remote-1', 'remote-2']);
  return job;
}

test('a whole render on MinIO: agents on other hosts write straight to the store', async () => {
  const before = await desk.traffic();
  const job = await render(['--preset', 'ffv1-archive', '--chunk-seconds', '2']);
  const run = { tools: await resolveFfmpeg(), signal: AbortSignal.timeout(120_000) };
  expect(await frameHashes(job.outputs[0]?.path ?? '', run)).toEqual(await frameHashes(clip, run));
  // What the coordinator's host sends is control and the source, once; what it receives is the finished file, once.
  const after = await desk.traffic();
  const resultBytes = (await stat(job.outputs[0]?.path ?? '')).size;
  const sourceBytes = (await stat(clip)).size;
  expect(after.sentBytes - before.sentBytes).toBeLessThan(sourceBytes * 1.2 + resultBytes * 0.25);
  expect(after.receivedBytes - before.receivedBytes).toBeLessThan(resultBytes * 1.25);
});

test('pictures that agents on other hosts made come back from the store as a folder', async () => {
  const job = await render(['--preset', 'frames-jpeg', '--chunk-seconds', '2']);
  expect(job.outputs).toMatchObject([{ rendition: 'frames-jpeg', frames: 12 }]);
  expect(await readdir(job.outputs[0]?.path ?? '')).toHaveLength(13);
});
