import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';

const run = promisify(execFile);
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let small: string;

/** A real file system of one mebibyte: smaller than any result of the clip. */
beforeAll(async () => {
  folder = await temporaryFolder();
  small = join(folder.path, 'small-disk');
  await mkdir(small);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
  await makeClip(join(folder.path, 'clip.mp4'), { seconds: 6 });
});
afterAll(async () => {
  await run('umount', [small]);
  await folder.remove();
});

test('an output disk that is too small is refused before any encoding, and stays empty', async () => {
  const args = ['--preset', 'ffv1-archive', '--chunk-seconds', '2', '--out', small];
  const result = await render(folder.path, [join(folder.path, 'clip.mp4')], args);
  expect(result.code).toBe(1);
  expect(result.jobs[0]?.code).toBe('INSUFFICIENT_SPACE');
  expect(result.jobs[0]?.attempts).toBe(0);
  expect(await readdir(small)).toEqual([]);
});

test('a disk that fills while working fails with DISK_FULL and leaves nothing in the output folder', async () => {
  const scratch = { env: { REELMILL_SCRATCH: join(small, 'scratch') } };
  const out = join(folder.path, 'out');
  const args = [
    '--preset',
    'h264-480p',
    '--set',
    'speed=ultrafast',
    '--set',
    'crf=1',
    '--out',
    out,
    '--chunk-seconds',
    '2',
  ];
  const result = await render(folder.path, [join(folder.path, 'clip.mp4')], args, scratch);
  expect(result.code, result.stderr).not.toBe(0);
  expect(result.jobs[0]?.code ?? result.stderr).toMatch(/DISK_FULL|INSUFFICIENT_SPACE/);
  expect(await readdir(out).catch(() => [])).toEqual([]);
});
