import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobLine } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesNaming, render, startCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clip: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 10, size: '640x360' });
});
afterAll(() => folder.remove());

const env = (scratch: string) => ({
  REELMILL_DATA: join(folder.path, 'data'),
  REELMILL_SCRATCH: join(folder.path, scratch),
});
const optionsFor = (out: string, agents: number) => [
  ...['--preset', 'frames-png', '--set', 'fps=5', '--chunk-seconds', '1', '--agents', String(agents)],
  ...['--out', join(folder.path, out)],
];

test('frames of a film have the same bytes from one agent and from two of which one is killed', async () => {
  const { jobs } = await render(folder.path, [clip], optionsFor('one', 1), { env: env('scratch-one') });
  const [alone] = jobs as [JobLine];
  expect(alone).toMatchObject({ state: 'done', plan: 'chunked', chunks: 10, outputs: [{ frames: 50 }] });
  expect(await readdir(join(folder.path, 'one', 'clip_frames-png'))).toHaveLength(51);

  const started = startCli(['render', clip, ...optionsFor('two', 2), '--json'], { env: env('scratch-two') });
  await started.until((line) => line.type === 'chunk' && line.state === 'encoding');
  const victim = (await processesNaming(join(folder.path, 'scratch-two'))).find(
    ({ command }) => /node-agent|reelmill-agent/.test(command) && !/setpriv/.test(command),
  );
  if (victim === undefined) throw new Error('no agent process found to kill');
  process.kill(victim.pid, 'SIGKILL');
  const job = (await started.until((line) => line.type === 'job')) as unknown as JobLine;
  expect((await started.ended).code, started.stderr()).toBe(0);
  expect(job.outputs[0]?.sha256).toBe(alone.outputs[0]?.sha256);
  expect(await readdir(join(folder.path, 'two'))).toEqual(['clip_frames-png']);
});
