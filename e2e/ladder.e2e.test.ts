import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobLine, SeamProof } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesNaming, render, runCli, startCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clip: string;
let first: JobLine;

const presets = 'h264-720p,h264-480p,h264-360p';
const env = (scratch: string) => ({
  REELMILL_DATA: join(folder.path, 'data'),
  REELMILL_SCRATCH: join(folder.path, scratch),
});
const optionsFor = (out: string) => [
  ...['--preset', presets, '--chunk-seconds', '2', '--agents', '2'],
  ...['--out', join(folder.path, out)],
];

beforeAll(async () => {
  folder = await temporaryFolder();
  clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 8, size: '1280x720' });
  const { jobs } = await render(folder.path, [clip], optionsFor('out'), { env: env('scratch') });
  [first] = jobs as [JobLine];
});
afterAll(() => folder.remove());

test('one job makes all renditions, each whole, named after its preset, with its own certificate', async () => {
  expect(first).toMatchObject({ state: 'done', sourceFrames: 200, chunks: 12 });
  // 4 shared encodes, and one sound for all; perhaps a copy of one that was late
  expect([4 + 1, 4 + 2]).toContain(first.attempts);
  expect(first.outputs.map(({ rendition, frames }) => [rendition, frames])).toEqual([
    ['h264-720p', 200],
    ['h264-480p', 200],
    ['h264-360p', 200],
  ]);
  const names = (await readdir(join(folder.path, 'out'))).sort();
  expect(names).toEqual(
    presets
      .split(',')
      .flatMap((preset) => [`clip_${preset}.mp4`, `clip_${preset}.mp4.proof.json`])
      .sort(),
  );
});

test('every rendition is proven against the source, frame range by frame range', async () => {
  const paths = first.outputs.map(({ path }) => path);
  const proofs = await Promise.all(
    paths.map(async (path) => SeamProof.parse(JSON.parse(await readFile(`${path}.proof.json`, 'utf8')))),
  );
  expect(proofs.map(({ output }) => output.height)).toEqual([720, 480, 360]);
  expect(new Set(proofs.map(({ chunks }) => chunks.map(({ end }) => end).join())).size).toBe(1);
  const checked = await runCli(['verify', '--deep', '--source', clip, '--json', ...paths], { env: env('scratch') });
  expect(checked.code, checked.stderr).toBe(0);
  expect(checked.lines.filter((line) => line.ok === true)).toHaveLength(3);
});

test('a ladder whose agent is killed has the same bytes', async () => {
  const scratch = join(folder.path, 'scratch-killed');
  const started = startCli(['render', clip, ...optionsFor('killed'), '--json'], { env: env('scratch-killed') });
  await started.until((line) => line.type === 'chunk' && line.state === 'encoding');
  const victim = (await processesNaming(scratch)).find(
    ({ command }) => /node-agent|reelmill-agent/.test(command) && !/setpriv/.test(command),
  );
  if (victim === undefined) throw new Error('no agent process found to kill');
  process.kill(victim.pid, 'SIGKILL');
  const job = (await started.until((line) => line.type === 'job')) as unknown as JobLine;
  expect((await started.ended).code, started.stderr()).toBe(0);
  expect(job.attempts).toBeGreaterThan(first.attempts);
  expect(job.outputs.map(({ sha256 }) => sha256)).toEqual(first.outputs.map(({ sha256 }) => sha256));
});
