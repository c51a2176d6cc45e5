import { join } from 'node:path';
import { frameHashes, resolveFfmpeg } from '@reelmill/media';
import type { JobLine } from '@reelmill/protocol';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { processesNaming, type StartedProcess, temporaryFolder, untilNoProcessNames } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { type ServeFarm, serveFarm } from './support/serveFarm.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let farm: ServeFarm;
let clip: string;
let sourceHashes: string[];

beforeAll(async () => {
  const media = await temporaryFolder();
  clip = join(media.path, 'clip.mp4');
  await makeClip(clip, { seconds: 16 });
  sourceHashes = await frameHashes(clip, { tools: await resolveFfmpeg(), signal: AbortSignal.timeout(120_000) });
  return () => media.remove();
});
beforeEach(async () => {
  folder = await temporaryFolder();
  farm = serveFarm(folder.path);
  await farm.startCoordinator();
});
/** Whatever the test did to its processes, fifteen seconds later none of them lives. */
afterEach(async () => {
  await farm.stop();
  await untilNoProcessNames(folder.path, 15_000);
  await folder.remove();
});

const submit = (): Promise<string> =>
  farm.submit(clip, ['--preset', 'ffv1-archive', '--chunk-seconds', '2', '--out', join(folder.path, 'out')]);

async function expectEveryFrame(job: JobLine): Promise<void> {
  expect(job.state, JSON.stringify(job.error)).toBe('done');
  const run = { tools: await resolveFfmpeg(), signal: AbortSignal.timeout(120_000) };
  expect(await frameHashes(job.outputs[0]?.path ?? '', run)).toEqual(sourceHashes);
}

const encodingOn = (watch: StartedProcess, node: string) =>
  watch.until((line) => line.type === 'chunk' && line.state === 'encoding' && line.node === node);

/** Encoders of an agent: ffmpeg processes that name its scratch folder. */
const encodersOf = async (name: string): Promise<number> =>
  (await processesNaming(join(folder.path, name))).filter(({ command }) => /(^|\/)ffmpeg /.test(command)).length;

test('an agent killed mid-chunk costs only its chunk, and its encoder dies with it', async () => {
  const victim = await farm.addAgent('victim');
  await farm.addAgent('survivor');
  const jobId = await submit();
  await encodingOn(farm.watch(jobId), 'victim');
  victim.child.kill('SIGKILL');
  const killedAt = performance.now();
  await victim.ended;
  while ((await encodersOf('victim')) > 0) {
    expect(performance.now() - killedAt).toBeLessThan(2_500);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const job = await farm.jobLine(jobId);
  await expectEveryFrame(job);
  expect(job.attempts).toBeGreaterThan(job.chunks);
});

test('a stopped agent loses its lease, and its late result changes nothing', async () => {
  const sleeper = await farm.addAgent('sleeper');
  await farm.addAgent('awake');
  const jobId = await submit();
  const watch = farm.watch(jobId);
  const line = await encodingOn(watch, 'sleeper');
  sleeper.child.kill('SIGSTOP');
  await watch.until(
    (later) => later.type === 'chunk' && later.index === line.index && Number(later.attempt) > Number(line.attempt),
  );
  sleeper.child.kill('SIGCONT');
  await expectEveryFrame(await farm.jobLine(jobId));
});

test('a coordinator killed mid-job finishes it after a restart without encoding verified chunks again', async () => {
  await farm.addAgent('one');
  await farm.addAgent('two');
  const jobId = await submit();
  const watch = farm.watch(jobId);
  await watch.until((line) => line.type === 'progress' && Number(line.chunksDone) >= 3);
  farm.coordinator().child.kill('SIGKILL');
  await farm.coordinator().ended;
  await farm.startCoordinator();
  const job = await farm.jobLine(jobId);
  await expectEveryFrame(job);
  // Leases held at the kill may be granted again; the three verified chunks may not.
  expect(job.attempts).toBeLessThanOrEqual(job.chunks + 1 + 4);
});

test('an agent that leaves in good order hands its work over at once', async () => {
  const leaver = await farm.addAgent('leaver');
  await farm.addAgent('stayer');
  const jobId = await submit();
  await encodingOn(farm.watch(jobId), 'leaver');
  leaver.child.kill('SIGTERM');
  expect((await leaver.ended).code).toBe(0);
  await expectEveryFrame(await farm.jobLine(jobId));
});
