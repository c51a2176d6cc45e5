import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processesNaming, temporaryFolder, untilNoProcessNames } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { serveFarm } from './support/serveFarm.ts';

/** The process id of the first encoder of a chunk that this agent starts. */
async function untilEncoding(agentFolder: string): Promise<number> {
  for (;;) {
    const running = await processesNaming(agentFolder);
    const encoder = running.find(({ command }) => /^\S*ffmpeg .*encode-\d{4}/.test(command));
    if (encoder !== undefined) return encoder.pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a node stuck with the last chunk does not hold up its film: a second copy wins, and the bytes are the same', async () => {
  const folder = await temporaryFolder();
  const farm = serveFarm(folder.path);
  try {
    const clip = join(folder.path, 'clip.mp4');
    await makeClip(clip, { seconds: 8, size: '1280x720', audio: false });
    await farm.startCoordinator();
    await farm.addAgent('stuck');
    const preset = ['--preset', 'h264-720p', '--set', 'speed=veryfast'];
    const submit = (out: string) =>
      farm.submit(clip, [...preset, '--chunk-seconds', '2', '--out', join(folder.path, out)]);
    const jobId = await submit('late');
    // Its agent goes on, heartbeats and all: only the encoder stands still.
    const encoder = await untilEncoding(join(folder.path, 'stuck'));
    process.kill(encoder, 'SIGSTOP');
    await farm.addAgent('well');
    const late = await farm.jobLine(jobId);
    expect(late).toMatchObject({ state: 'done', chunks: 4 });
    expect(late.nodes).toContain('well');
    // One grant a chunk, and one for the copy; what waited at the stuck node was granted again.
    expect(late.attempts).toBeGreaterThanOrEqual(5);
    const calm = await farm.jobLine(await submit('calm'));
    expect(calm.outputs[0]?.sha256).toBe(late.outputs[0]?.sha256);
  } finally {
    await farm.stop();
    await untilNoProcessNames(folder.path, 15_000);
    await folder.remove();
  }
}, 180_000);
