import { join } from 'node:path';
import { frameHashes, resolveFfmpeg } from '@reelmill/media';
import { JobLine, ReadyLine } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  runCli,
  type StartedProcess,
  startCli,
  startRemoteAgent,
  submitClip,
  temporaryFolder,
  untilNoProcessNames,
  watchJob,
} from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { createNetwork, type NamespaceHost, type NamespaceNetwork } from './support/namespaces.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let network: NamespaceNetwork;
let desk: NamespaceHost;
let clip: string;
const processes: StartedProcess[] = [];
const dataDir = (): string => join(folder.path, 'coordinator');

beforeAll(async () => {
  folder = await temporaryFolder();
  network = await createNetwork('rmn', 3);
  desk = network.hosts[0] as NamespaceHost;
  clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 16 });
  const coordinator = startCli(['serve', '--lan', '--json', '--port', '0', '--data', dataDir()], {
    namespace: desk.namespace,
  });
  processes.push(coordinator);
  ReadyLine.parse(await coordinator.until((line) => line.type === 'ready'));
});
afterAll(async () => {
  for (const started of processes.reverse()) await started.stop();
  await untilNoProcessNames(folder.path, 15_000);
  await network.remove();
  await folder.remove();
});

const atDesk = () => ({ namespace: desk.namespace, coordinatorData: dataDir() });

async function addRemoteAgent(index: number): Promise<void> {
  const { namespace } = network.hosts[index] as NamespaceHost;
  processes.push(await startRemoteAgent(index, { namespace, folder: folder.path, coordinatorData: dataDir() }));
}

const submit = (out: string): Promise<string> =>
  submitClip(clip, ['--preset', 'ffv1-archive', '--chunk-seconds', '2', '--out', join(folder.path, out)], atDesk());

function watch(jobId: string): StartedProcess {
  const started = watchJob(jobId, atDesk());
  processes.push(started);
  return started;
}

async function expectEveryFrame(line: unknown): Promise<JobLine> {
  const job = JobLine.parse(line);
  expect(job.state, JSON.stringify(job.error)).toBe('done');
  const run = { tools: await resolveFfmpeg(), signal: AbortSignal.timeout(120_000) };
  expect(await frameHashes(job.outputs[0]?.path ?? '', run)).toEqual(await frameHashes(clip, run));
  return job;
}

test('agents on other hosts find the coordinator over mDNS and render together', async () => {
  await addRemoteAgent(1);
  await addRemoteAgent(2);
  const job = await expectEveryFrame(await watch(await submit('out-found')).until((line) => line.type === 'job'));
  expect(job.nodes).toEqual(['remote-1', 'remote-2']);
});

test('the window lists the agents it found, joined', async () => {
  const result = await runCli(['nodes', '--json', '--data', dataDir()], { namespace: desk.namespace });
  expect(result.lines.map((line) => line.name).sort()).toEqual(['remote-1', 'remote-2']);
  expect(result.lines.every((line) => line.local === false)).toBe(true);
});
