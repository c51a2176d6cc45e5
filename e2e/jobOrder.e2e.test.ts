import { join } from 'node:path';
import type { JobView } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { type ServeFarm, serveFarm } from './support/serveFarm.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let farm: ServeFarm;
let clip: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  farm = serveFarm(folder.path, ['--queue', 'review:reserved=1,cap=2,priority=high', '--queue', 'night']);
  await farm.startCoordinator();
  clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 1, size: '320x180' });
});
afterAll(async () => {
  await farm.stop();
  await folder.remove();
});

const cli = (...args: string[]) => runCli([...args, '--json', '--data', farm.dataDir]);
const submit = (...args: string[]) => farm.submit(clip, ['--preset', 'h264-480p', '--hold', ...args]);

test('the order between jobs is set by the command line and survives a restart', async () => {
  const deadline = new Date(Date.now() - 60_000).toISOString();
  const [first, second, third] = [
    await submit('--submitter', 'bea', '--deadline', deadline),
    await submit('--queue', 'review'),
    await submit('--priority', 'low'),
  ];
  expect((await cli('queue', 'night', first)).code).toBe(0);
  expect((await cli('priority', 'high', third)).code).toBe(0);
  expect((await cli('move', third, '--before', second)).lines).toEqual([{ type: 'move', jobId: third }]);
  expect((await cli('pause')).lines).toEqual([{ type: 'farm-pause' }]);
  await farm.coordinator().stop();
  await farm.startCoordinator();
  const listed = await cli('ls');
  const jobs = listed.lines as unknown as JobView[];
  expect(jobs.map(({ jobId }) => jobId)).toEqual([third, second, first]);
  expect(jobs).toMatchObject([
    { state: 'queued', priority: 'high', held: true, submitter: 'owner', queue: null, deadlineRisk: 'none' },
    { state: 'queued', priority: 'high', held: true, queue: 'review' },
    {
      state: 'queued',
      priority: 'normal',
      held: true,
      queue: 'night',
      submitter: 'bea',
      deadline,
      deadlineRisk: 'late',
    },
  ]);
  const table = await runCli(['ls', '--data', farm.dataDir]);
  expect(table.stderr).toContain('The farm is paused');
  const refused = await cli('queue', 'nowhere', first);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('QUEUE_UNKNOWN')]);
});
