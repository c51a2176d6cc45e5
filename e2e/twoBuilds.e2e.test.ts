import { join } from 'node:path';
import { InspectLine } from '@reelmill/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureNewerFfmpeg } from '../packages/media/src/testing/newerFfmpeg.ts';
import { runCli, type StartedProcess, startAgent, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { type ServeFarm, serveFarm } from './support/serveFarm.ts';

const newer = await ensureNewerFfmpeg();
if ('missing' in newer) process.stderr.write(`Not run, no second FFmpeg: ${newer.missing}\n`);

describe.skipIf('missing' in newer)('two agents, each with its own build of FFmpeg', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let farm: ServeFarm;
  let debian: StartedProcess;
  let other: StartedProcess;
  beforeAll(async () => {
    folder = await temporaryFolder();
    farm = serveFarm(folder.path);
    await makeClip(join(folder.path, 'film.mp4'), { seconds: 8 });
    await farm.startCoordinator();
    debian = await farm.addAgent('node-of-debian');
    const args = ['--json', '--no-mdns', '--name', 'node-newer', '--slots', '1', '--local-data-dir', farm.dataDir];
    const env = { REELMILL_FFMPEG: 'ffmpegPath' in newer ? newer.ffmpegPath : '' };
    other = startAgent([...args, '--data', join(folder.path, 'node-newer')], { env });
    await other.until((line) => line.type === 'joined');
  });
  afterAll(async () => {
    await other.stop();
    await farm.stop();
    await folder.remove();
  });

  const asked = ['--preset', 'h264-480p', '--set', 'speed=ultrafast', '--chunk-seconds', '2'];

  test('before the start it is said which of them can take part, and why the other cannot', async () => {
    const { lines } = await runCli([
      'inspect',
      join(folder.path, 'film.mp4'),
      '--json',
      '--data',
      farm.dataDir,
      ...asked,
    ]);
    const { nodes } = InspectLine.parse(lines.at(-1)).placement;
    expect(nodes.find(({ name }) => name === 'node-of-debian')).toMatchObject({ canRun: true, whyNot: null });
    const refused = nodes.find(({ name }) => name === 'node-newer');
    expect(refused).toMatchObject({ canRun: false, whyNot: expect.stringMatching(/another FFmpeg \(n?9\./) });
  });

  test('all chunks of a rendition come from one build', async () => {
    const jobId = await farm.submit(join(folder.path, 'film.mp4'), [...asked, '--out', join(folder.path, 'out')]);
    expect(await farm.jobLine(jobId)).toMatchObject({ state: 'done', chunks: 4, nodes: ['node-of-debian'] });
  });

  test('where only the other build is left, a new rendition is planned for it', async () => {
    await debian.stop();
    const jobId = await farm.submit(join(folder.path, 'film.mp4'), [...asked, '--out', join(folder.path, 'next')]);
    expect(await farm.jobLine(jobId)).toMatchObject({ state: 'done', chunks: 4, nodes: ['node-newer'] });
  });
});
