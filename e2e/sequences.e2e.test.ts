import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { frameHashes, resolveFfmpeg, runFfmpeg } from '@reelmill/media';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render, temporaryFolder } from './support/farmProcesses.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let shots: string;

const run = async () => ({ tools: await resolveFfmpeg(), signal: AbortSignal.timeout(120_000) });
const archive = (out: string, ...more: string[]) => [
  ...['--preset', 'ffv1-archive', '--chunk-seconds', '2', '--agents', '2', '--out', join(folder.path, out), ...more],
];

beforeAll(async () => {
  folder = await temporaryFolder();
  shots = join(folder.path, 'shots', 'sc01');
  await mkdir(shots, { recursive: true });
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=160x90:rate=25', '-frames:v', '150'];
  await runFfmpeg([...picture, `${shots}/render.%04d.png`], await run());
});
afterAll(() => folder.remove());

test('a folder with a sequence is one job, cut into chunks, every picture in order', async () => {
  const before = await readdir(shots);
  const result = await render(folder.path, [join(folder.path, 'shots')], archive('out', '--fps', '25'));
  expect(result.code, result.stderr).toBe(0);
  const [job] = result.jobs;
  expect(job).toMatchObject({ state: 'done', sourceFrames: 150, chunks: 3, plan: 'chunked' });
  expect(job?.outputs[0]?.path).toBe(join(folder.path, 'out', 'sc01', 'render_ffv1-archive.mkv'));
  const wanted: string[] = [];
  await runFfmpeg(['-i', `${shots}/render.%04d.png`, '-f', 'framemd5', 'pipe:1'], await run(), {
    onStdoutLine: (line) => line.startsWith('#') || wanted.push(line.slice(line.lastIndexOf(',') + 1).trim()),
  });
  const made = await frameHashes(job?.outputs[0]?.path ?? '', await run());
  expect(made).toHaveLength(150);
  expect(new Set(made).size).toBe(new Set(wanted).size);
  expect(await readdir(shots)).toEqual(before);
  expect(await readdir(join(folder.path, 'scratch')).catch(() => [])).toEqual([]);
});

test('gaps: refused with the numbers, held when asked, and the job says so', async () => {
  const gappy = join(folder.path, 'gappy');
  await cp(shots, gappy, { recursive: true });
  await rename(join(gappy, 'render.0077.png'), join(folder.path, 'away.png'));
  const refused = await render(folder.path, [gappy], archive('refused'));
  expect(refused.jobs[0]).toMatchObject({ state: 'failed', code: 'SEQUENCE_GAPS' });
  expect(refused.jobs[0]?.error?.cause).toContain('77');
  const held = await render(folder.path, [join(gappy, 'render.####.png')], archive('held', '--gaps', 'hold'));
  expect(held.jobs[0]).toMatchObject({ state: 'done', sourceFrames: 150 });
  expect(held.jobs[0]?.warnings).toContain('SEQUENCE_GAPS');
  expect(held.jobs[0]?.notes.join()).toContain('77');
});

test('one frame or all of them on the command line mean the sequence', async () => {
  const small = ['--preset', 'h264-480p', '--set', 'speed=ultrafast', '--out', join(folder.path, 'one')];
  const one = await render(folder.path, [join(shots, 'render.0001.png')], small);
  expect(one.jobs).toMatchObject([{ state: 'done', sourceFrames: 150 }]);
  const all = (await readdir(shots))
    .sort()
    .slice(0, 20)
    .map((name) => join(shots, name));
  expect((await render(folder.path, all, small)).jobs).toMatchObject([{ state: 'done', sourceFrames: 20 }]);
});
