import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SeamProof } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliResult, render, runCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clip: string;
let output: string;

const env = () => ({ REELMILL_DATA: join(folder.path, 'data') });
const verify = (...args: string[]): Promise<CliResult> => runCli(['verify', '--json', ...args], { env: env() });
const proofOf = async (path: string) => SeamProof.parse(JSON.parse(await readFile(`${path}.proof.json`, 'utf8')));

/** A copy of output and certificate that a test may damage. */
async function copyAs(name: string): Promise<string> {
  const copy = join(folder.path, name);
  await cp(output, copy);
  await cp(`${output}.proof.json`, `${copy}.proof.json`);
  return copy;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 8, size: '320x180' });
  const args = ['--preset', 'h264-480p', '--chunk-seconds', '2', '--agents', '2', '--out', join(folder.path, 'out')];
  const result = await render(folder.path, [clip], args, { env: env() });
  output = result.jobs[0]?.outputs[0]?.path ?? '';
});
afterAll(() => folder.remove());

test('the certificate names every frame once, in order, and who made it', async () => {
  const proof = await proofOf(output);
  expect(proof.chunks.map(({ first, end }) => [first, end])).toEqual([
    [0, 50],
    [50, 100],
    [100, 150],
    [150, 200],
  ]);
  expect(proof.chunks.every(({ node, attempt, sizeBytes }) => node !== '' && attempt >= 1 && sizeBytes > 0)).toBe(true);
  expect(proof.audio).toHaveLength(1);
  expect(proof.checks).toMatchObject({ depth: 'seams', seams: 3 });
});

test('an untouched output is as certified, by this user, also under another name', async () => {
  const result = await verify(output, await copyAs('delivered.mp4'));
  expect(result.code).toBe(0);
  expect(result.lines).toMatchObject([
    { ok: true, frames: 200, chunks: 4, signedBy: { known: 'this user' } },
    { ok: true, signedBy: { known: 'this user' } },
  ]);
});

test('one changed byte of the output is found', async () => {
  const copy = await copyAs('changed.mp4');
  const bytes = await readFile(copy);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(copy, bytes);
  const result = await verify(copy);
  expect(result.code).toBe(1);
  expect(result.lines[0]).toMatchObject({ ok: false, error: { code: 'PROOF_MISMATCH' } });
});

test('one changed number of the certificate is found, and so is another key', async () => {
  const copy = await copyAs('forged.mp4');
  const proof = await proofOf(copy);
  await writeFile(`${copy}.proof.json`, JSON.stringify({ ...proof, source: { ...proof.source, frames: 201 } }));
  expect((await verify(copy)).lines[0]).toMatchObject({ ok: false, error: { code: 'PROOF_INVALID' } });
  expect((await verify('--key', '0000000000000000', output)).lines[0]).toMatchObject({
    error: { code: 'PROOF_INVALID' },
  });
});

test('a missing certificate and a missing output are said in so many words', async () => {
  const copy = await copyAs('bare.mp4');
  await rm(`${copy}.proof.json`);
  expect((await verify(copy)).lines[0]).toMatchObject({ error: { code: 'PROOF_MISSING' } });
  await rename(copy, join(folder.path, 'gone.mp4'));
  expect((await verify(copy)).lines[0]).toMatchObject({ error: { code: 'SOURCE_NOT_FOUND' } });
});

test('the deep check measures every chunk against the source and lists the worst', async () => {
  const result = await verify('--deep', '--source', clip, output);
  expect(result.code, result.stderr).toBe(0);
  const { quality, worst } = result.lines[0] as { quality: { ssimMean: number; end: number }[]; worst: unknown[] };
  expect(quality.map(({ end }) => end)).toEqual([50, 100, 150, 200]);
  expect(Math.min(...quality.map(({ ssimMean }) => ssimMean))).toBeGreaterThan(0.9);
  expect(worst).toHaveLength(1);
});

test('a converted frame rate is certified as such, and compares frame by frame', async () => {
  const out = join(folder.path, 'converted');
  const args = ['--preset', 'h264-320p', '--set', 'fps=30', '--set', 'speed=ultrafast', '--out', out];
  const [job] = (await render(folder.path, [clip], args, { env: env() })).jobs;
  const path = job?.outputs[0]?.path ?? '';
  const result = await verify('--deep', '--source', clip, path);
  expect(result.code, JSON.stringify(result.lines)).toBe(0);
  expect(await proofOf(path)).toMatchObject({ source: { frames: 200 }, output: { frames: 240 } });
});

test('a name beside which a certificate already stands is not taken', async () => {
  const out = join(folder.path, 'out');
  await rename(output, join(folder.path, 'moved.mp4'));
  const args = ['--preset', 'h264-480p', '--chunk-seconds', '2', '--out', out];
  const [job] = (await render(folder.path, [clip], args, { env: env() })).jobs;
  await rename(join(folder.path, 'moved.mp4'), output);
  expect(job?.outputs[0]?.path).toBe(join(out, 'clip_h264-480p (2).mp4'));
});
