import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startAgent, type TestAgent } from './testing/testAgent.ts';
import { makeClip, offerOfChunk, type TestClip } from './testing/testClip.ts';
import { TestFarm } from './testing/testFarm.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Ends within 2 s of its agent, by whatever it ends (decision 18). */
const encoderLifeMs = 2_000;
const home = mkdtempSync(join(tmpdir(), 'reelmill-killed-'));
let tools: FfmpegTools;
let clip: TestClip;
let farm: TestFarm;

beforeAll(async () => {
  tools = await resolveFfmpeg();
  // Slow enough to be still running when the agent is killed.
  clip = await makeClip(
    { path: join(home, 'clip.mp4'), seconds: 20, size: '1280x720', chunkSeconds: 60, speed: 'slow' },
    tools,
  );
  farm = await TestFarm.open();
});
afterAll(() => farm.close());

/** Command lines of living processes that work in this data folder, without the agent itself. */
function encodersIn(dataDir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        // It ended between the two reads.
        return '';
      }
    })
    .filter((line) => line.includes(join(dataDir, 'scratch')));
}

async function encoding(args: readonly string[], attempt: number): Promise<TestAgent> {
  const agent = startAgent({
    args: ['--coordinator', `127.0.0.1:${farm.port}`, '--no-mdns', '--slots', '1', ...args],
    env: { REELMILL_JOIN_TOKEN: farm.joinToken },
  });
  await farm.hellos.next();
  await farm.offer(offerOfChunk(clip, 0, attempt));
  await farm.progress.next((progress) => progress.attempt === attempt && progress.framesDone > 0);
  expect(encodersIn(agent.dataDir).some((line) => line.includes('ffmpeg'))).toBe(true);
  return agent;
}

/** Milliseconds until no encoder lives; fails after the limit. */
async function untilNoEncoder(dataDir: string): Promise<number> {
  const startedMs = performance.now();
  while (encodersIn(dataDir).length > 0) {
    if (performance.now() - startedMs > encoderLifeMs) throw new Error(`still alive: ${encodersIn(dataDir)}`);
    await delay(10);
  }
  return Math.round(performance.now() - startedMs);
}

const kinds: [string, string[]][] = [
  ['in the sandbox', []],
  ['without the sandbox', ['--no-sandbox']],
];

test.runIf(process.platform === 'linux').each(kinds)(
  'no encoder outlives an agent that was killed by 2 s, %s',
  async (_name, args) => {
    const agent = await encoding(args, args.length + 1);
    agent.child.kill('SIGKILL');
    const lifeMs = await untilNoEncoder(agent.dataDir);
    expect(lifeMs).toBeLessThan(encoderLifeMs);
    await agent.exited;
  },
);

test.runIf(process.platform === 'linux')('SIGTERM in the middle of an encode ends everything within 5 s', async () => {
  const agent = await encoding([], 3);
  agent.child.kill('SIGTERM');
  const startedMs = performance.now();
  expect(await agent.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(encodersIn(agent.dataDir)).toEqual([]);
  expect(readdirSync(join(agent.dataDir, 'scratch'))).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'the end of stdin ends agent and encoder where --exit-with-parent was asked for',
  async () => {
    const agent = await encoding(['--exit-with-parent'], 4);
    agent.child.stdin?.destroy();
    expect((await agent.exited).code).toBe(0);
    expect(encodersIn(agent.dataDir)).toEqual([]);
  },
);
