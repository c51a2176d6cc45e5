import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InspectAnswer } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render, runCli, type StartedProcess, temporaryFolder, untilNoProcessNames } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { makeNvencStandIn } from './support/nvencStandIn.ts';
import { type ServeFarm, serveFarm } from './support/serveFarm.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let farm: ServeFarm;
let standIn: string;
let withDevice: StartedProcess;
const at = (...parts: string[]): string => join(folder.path, ...parts);
const asked = ['--preset', 'h264-480p', '--set', 'encoder=hardware', '--chunk-seconds', '2'];

beforeAll(async () => {
  folder = await temporaryFolder();
  standIn = await makeNvencStandIn(at('stand-in'));
  farm = serveFarm(folder.path);
  await farm.startCoordinator();
  await makeClip(at('clip.mp4'), { seconds: 6 });
  await farm.addAgent('plain', { slots: 2 });
  withDevice = await farm.addAgent('gpu', { env: { REELMILL_FFMPEG: standIn } });
});
afterAll(async () => {
  await farm.stop();
  await untilNoProcessNames(folder.path, 15_000);
  await folder.remove();
});

const aNvidiaCard = existsSync('/dev/nvidiactl');

test.skipIf(aNvidiaCard)(
  'a hardware rendition is made by the node that proved an encoder, and by no other',
  async () => {
    const jobId = await farm.submit(at('clip.mp4'), [...asked, '--verify', 'full', '--out', at('out')]);
    const job = await farm.jobLine(jobId);
    expect(job.state, JSON.stringify(job.error)).toBe('done');
    expect(job).toMatchObject({ nodes: ['gpu'], plan: 'chunked', chunks: 3 });
    expect(job.outputs[0]?.frames).toBe(150);
    const hardware = Object.fromEntries((await farm.nodes()).map((node) => [node.name, node.hardware ?? []]));
    const proofOf = (node: string, encoder: string) => hardware[node]?.find((proof) => proof.encoder === encoder);
    expect(proofOf('gpu', 'h264_nvenc')).toMatchObject({ proven: true, reason: expect.stringContaining('25 frames') });
    expect(proofOf('gpu', 'hevc_nvenc')).toMatchObject({ proven: false, reason: expect.stringContaining('libcuda') });
    expect(proofOf('plain', 'h264_nvenc')).toMatchObject({ proven: false, reason: expect.stringContaining('libcuda') });
    const table = await runCli(['nodes', '--data', farm.dataDir]);
    expect(table.code).toBe(0);
  },
);

test.skipIf(aNvidiaCard)('inspect tells which node can run it, and why the other cannot', async () => {
  const { lines } = await runCli(['inspect', at('clip.mp4'), ...asked, '--json', '--data', farm.dataDir]);
  const answer = InspectAnswer.parse(lines.at(-1));
  expect(answer.output?.videoEncoder).toBe('h264_nvenc');
  const whyNot = Object.fromEntries(answer.placement.nodes.map((node) => [node.name, node.whyNot]));
  expect(whyNot.gpu).toBeNull();
  expect(whyNot.plain).toMatch(/^It could not prove h264_nvenc: .*libcuda/);
});

test.skipIf(aNvidiaCard)('without such a node the job is refused before work starts, with each reason', async () => {
  await withDevice.stop();
  const jobId = await farm.submit(at('clip.mp4'), [...asked, '--out', at('never')]);
  const job = await farm.jobLine(jobId);
  expect(job).toMatchObject({ state: 'failed', code: 'HARDWARE_UNPROVEN', attempts: 0 });
  expect(job.error?.cause).toMatch(/plain: h264_nvenc: .*libcuda.*h264_vaapi: /);
  expect(job.error?.fix).toContain('encoder=software');
});

test.skipIf(aNvidiaCard)('render asks its own agents, and only then', async () => {
  const args = [...asked, '--out', at('rendered')];
  const plain = await render(folder.path, [at('clip.mp4')], args);
  expect(plain.code).toBe(1);
  expect(plain.jobs[0]?.code).toBe('HARDWARE_UNPROVEN');
  const env = { REELMILL_FFMPEG: standIn };
  const { jobs } = await render(folder.path, [at('clip.mp4')], args, { env });
  expect(jobs[0]?.state, JSON.stringify(jobs[0]?.error)).toBe('done');
  expect(jobs[0]?.outputs[0]?.frames).toBe(150);
});
