import { join } from 'node:path';
import { JobLine } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesNaming, startCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clip: string;
const expected = new Map<string, string>();

beforeAll(async () => {
  folder = await temporaryFolder();
  clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 12 });
});
afterAll(() => folder.remove());

interface Scenario {
  readonly agents: number;
  readonly kill: boolean;
}

/** Renders and, when asked, kills one agent process outright at its first encoding chunk. */
async function renderHash(preset: string, { agents, kill }: Scenario): Promise<string> {
  const scratch = join(folder.path, `scratch-${preset}-${agents}-${kill}`);
  const out = join(folder.path, `out-${preset}-${agents}-${kill}`);
  const args = [
    'render',
    clip,
    '--preset',
    preset,
    '--out',
    out,
    '--agents',
    String(agents),
    '--chunk-seconds',
    '2',
    '--json',
  ];
  const started = startCli(args, { env: { REELMILL_SCRATCH: scratch } });
  if (kill) {
    await started.until((line) => line.type === 'chunk' && line.state === 'encoding');
    const victim = (await processesNaming(scratch)).find(
      ({ command }) => /node-agent|reelmill-agent/.test(command) && !/setpriv/.test(command),
    );
    if (victim === undefined) throw new Error('no agent process found to kill');
    process.kill(victim.pid, 'SIGKILL');
  }
  const line = await started.until((candidate) => candidate.type === 'job');
  const job = JobLine.parse(line);
  expect((await started.ended).code, started.stderr()).toBe(0);
  if (kill) expect(job.attempts).toBeGreaterThan(job.chunks);
  return job.outputs[0]?.sha256 ?? 'none';
}

for (const preset of ['h264-720p', 'ffv1-archive']) {
  test(`${preset}: one agent sets the bytes`, async () => {
    expected.set(preset, await renderHash(preset, { agents: 1, kill: false }));
    expect(expected.get(preset)).toMatch(/^[0-9a-f]{64}$/);
  });
  test.each([
    { agents: 4, kill: false },
    { agents: 2, kill: true },
  ])(`${preset}: same SHA-256 with %o`, async (scenario) => {
    expect(await renderHash(preset, scenario)).toBe(expected.get(preset));
  });
}
