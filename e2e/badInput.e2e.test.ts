import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render, runCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let good: string;
const at = (...parts: string[]): string => join(folder.path, ...parts);
const sha256 = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

beforeAll(async () => {
  folder = await temporaryFolder();
  good = at('good.mp4');
  await makeClip(good, { seconds: 4, faststart: true });
  await writeFile(at('empty.mp4'), '');
  await writeFile(at('text.mp4'), 'This is not a film.\n'.repeat(200));
  await copyFile(good, at('truncated.mp4'));
  await truncate(at('truncated.mp4'), Math.floor((await stat(good)).size * 0.6));
  await mkdir(at('no-media'));
  await writeFile(at('no-media', 'readme.txt'), 'nothing to see');
});
afterAll(() => folder.remove());

const args = (out: string): string[] => ['--preset', 'h264-480p', '--out', out, '--set', 'speed=ultrafast'];

const badCodes: Readonly<Record<string, string>> = {
  'empty.mp4': 'SOURCE_EMPTY',
  'text.mp4': 'UNSUPPORTED_MEDIA',
  'truncated.mp4': 'SOURCE_TRUNCATED',
  'no-media': 'NO_MEDIA_FOUND',
  'missing.mp4': 'SOURCE_NOT_FOUND',
};

test('bad inputs fail each with its code, exit 1, and the good file between them is done', async () => {
  const out = at('out-bad');
  const bad = Object.keys(badCodes);
  const inputs = [...bad.slice(0, 2).map((name) => at(name)), good, ...bad.slice(2).map((name) => at(name))];
  const result = await render(folder.path, inputs, args(out));
  expect(result.code, result.stderr).toBe(1);
  const failed = result.jobs.filter((job) => job.state === 'failed');
  expect(Object.fromEntries(failed.map(({ input, code }) => [basename(input), code]))).toEqual(badCodes);
  for (const { outputs, error } of failed) {
    expect(outputs).toEqual([]);
    expect(error?.cause.length).toBeGreaterThan(10);
    expect(error?.fix.length).toBeGreaterThan(10);
  }
  expect(result.jobs.find((job) => job.state === 'done')?.outputs).toHaveLength(1);
  expect((await readdir(out)).sort()).toEqual(['good_h264-480p.mp4', 'good_h264-480p.mp4.proof.json']);
});

test('an unknown preset is a usage error: exit 2, nothing made', async () => {
  const result = await render(folder.path, [good], ['--preset', 'nope', '--out', at('out-preset')]);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('PRESET_UNKNOWN');
});

test('no input is a usage error', async () => {
  const result = await render(folder.path, [], args(at('out-none')));
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('NO_INPUT');
});

test('an unknown flag is a usage error', async () => {
  expect((await runCli(['render', good, '--frobnicate'])).code).toBe(2);
});

test('an output folder that is a file cannot be written: OUTPUT_UNWRITABLE, exit 1', async () => {
  const blocked = at('blocked');
  await writeFile(blocked, 'a file where the folder should be');
  const result = await render(folder.path, [good], args(join(blocked, 'out')));
  expect(result.code).toBe(1);
  expect(result.jobs[0]?.code).toBe('OUTPUT_UNWRITABLE');
});

test('sources are never written: a read-only source renders and keeps content and time', async () => {
  const source = at('read-only.mp4');
  await copyFile(good, source);
  await chmod(source, 0o444);
  const before = { hash: await sha256(source), mtimeMs: (await stat(source)).mtimeMs };
  const result = await render(folder.path, [source], args(at('out-read-only')));
  expect(result.code, result.stderr).toBe(0);
  expect({ hash: await sha256(source), mtimeMs: (await stat(source)).mtimeMs }).toEqual(before);
});

test('outputs never overwrite: the second run takes the next free name; of both the scratch is gone', async () => {
  const out = at('out-twice');
  await render(folder.path, [good], args(out));
  const first = await sha256(join(out, 'good_h264-480p.mp4'));
  const second = await render(folder.path, [good], args(out));
  expect(second.jobs[0]?.outputs[0]?.path).toBe(join(out, 'good_h264-480p (2).mp4'));
  expect(await sha256(join(out, 'good_h264-480p.mp4'))).toBe(first);
  expect(await readdir(at('scratch')).catch(() => [])).toEqual([]);
});
