import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, JobLine } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render, startCli, temporaryFolder, untilNoProcessNames } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clip: string;
let args: string[];

beforeAll(async () => {
  folder = await temporaryFolder();
  clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 12 });
  args = ['--preset', 'ffv1-archive', '--chunk-seconds', '2', '--verify', 'full', '--out', join(folder.path, 'out')];
});
afterAll(() => folder.remove());

test('Ctrl-C ends a render with 130 and nothing half-written; the same command goes on where it was', async () => {
  const env = { REELMILL_SCRATCH: join(folder.path, 'scratch'), REELMILL_DATA: join(folder.path, 'data') };
  const first = startCli(['render', clip, '--json', ...args], { env });
  await first.until((line) => line.type === 'chunk' && line.state === 'verified');
  first.child.kill('SIGINT');
  expect(await first.ended).toEqual({ code: exitCodes.interrupted, signal: null });
  expect(first.stderr()).toContain('INTERRUPTED');
  await untilNoProcessNames(folder.path, 15_000);
  expect(await readdir(join(folder.path, 'out')).catch(() => [])).toEqual([]);

  const again = await render(folder.path, [clip], args);
  const encoded = again.lines.filter((line) => line.type === 'chunk' && line.state === 'encoding');
  const job = JobLine.parse(again.jobs[0]);
  expect(again.code, again.stderr).toBe(exitCodes.done);
  expect(job).toMatchObject({ state: 'done', verify: 'full', sourceFrames: 300, chunks: 6 });
  expect(new Set(encoded.map((line) => line.index)).size).toBeLessThan(6);
});
