import { join } from 'node:path';
import { type JobView, WhyAnswer } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, temporaryFolder, untilNoProcessNames } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { type ServeFarm, serveFarm } from './support/serveFarm.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let farm: ServeFarm;
const at = (...parts: string[]): string => join(folder.path, ...parts);
const preset = ['--preset', 'h264-480p', '--chunk-seconds', '2'];

beforeAll(async () => {
  folder = await temporaryFolder();
  farm = serveFarm(folder.path);
  await farm.startCoordinator();
  await makeClip(at('clip.mp4'), { seconds: 6 });
  await farm.addAgent('plain', { slots: 2, args: ['--memory', '256MiB'] });
  await farm.addAgent('tagged', { args: ['--tag', 'gpu'] });
});
afterAll(async () => {
  await farm.stop();
  await untilNoProcessNames(folder.path, 15_000);
  await folder.remove();
});

async function jobOf(jobId: string): Promise<JobView> {
  const { lines } = await runCli(['ls', '--json', '--data', farm.dataDir]);
  return lines.find((line) => line.jobId === jobId) as unknown as JobView;
}

async function why(jobId: string): Promise<WhyAnswer> {
  const { lines } = await runCli(['why', jobId, '--json', '--data', farm.dataDir]);
  return WhyAnswer.parse(lines.at(-1));
}

test('a pinned job is encoded by the node that carries its tag, though another is free', async () => {
  const jobId = await farm.submit(at('clip.mp4'), [...preset, '--on', 'gpu', '--out', at('pinned')]);
  expect((await farm.jobLine(jobId)).state).toBe('done');
  const { chunks, waiting } = await jobOf(jobId);
  expect([chunks.map((chunk) => chunk.node), waiting]).toEqual([['tagged', 'tagged', 'tagged'], null]);
});

test('a job for a tag that no node carries waits, and says why of each node', async () => {
  const jobId = await farm.submit(at('clip.mp4'), [...preset, '--on', 'h264-480p=studio', '--out', at('waiting')]);
  await expect.poll(async () => (await jobOf(jobId)).waiting, { timeout: 60_000 }).toMatchObject({ code: 'tag' });
  const answer = await why(jobId);
  const encode = answer.waiting.find(({ kind }) => kind === 'encode');
  expect(encode).toMatchObject({ rendition: 'h264-480p', tasks: 3, tags: ['studio'] });
  expect(encode?.memoryBytes).toBeGreaterThan(100e6);
  const reasons = Object.fromEntries(encode?.nodes.map(({ name, reasons }) => [name, reasons]) ?? []);
  expect(reasons.tagged).toEqual([{ code: 'tag', text: 'It does not carry the tag studio.' }]);
  expect(reasons.plain?.map(({ code }) => code)).toContain('tag');
  const printed = await runCli(['why', jobId, '--data', farm.dataDir]);
  expect(printed.code).toBe(0);
  await farm.addAgent('late', { args: ['--tag', 'studio'] });
  expect((await farm.jobLine(jobId)).state).toBe('done');
});

test('nodes say what they take', async () => {
  const nodes = Object.fromEntries((await farm.nodes()).map((node) => [node.name, node]));
  expect(nodes.tagged).toMatchObject({ tags: ['gpu'], kinds: null });
  expect(nodes.plain).toMatchObject({ tags: [], taskMemoryBytes: 256 * 1024 ** 2 });
  expect(nodes.tagged?.taskMemoryBytes).toBe(nodes.tagged?.memoryBytes);
});
