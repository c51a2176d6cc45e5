import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { resolveFfmpeg } from '@reelmill/media';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { type CpuLimiter, createCpuLimiter } from './cpuLimit.ts';
import { createDutyCycle } from './dutyCycle.ts';
import { linuxTreeCpuMs } from './treeCpu.ts';

const log = pino({ level: 'silent' });
const cores = cpus().length;
/** So little that two encoders could have it on a machine that is busy with other tests, too. */
const percent = 10;
const onLinux = process.platform === 'linux';
const seconds = 6;
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** A real encoder that would take all processors for longer than the test lasts. */
async function startEncoder(): Promise<ChildProcess> {
  const { ffmpegPath } = await resolveFfmpeg();
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30:duration=600'];
  const encoder = ['-c:v', 'libx264', '-preset', 'medium', '-threads', String(2 * cores), '-f', 'null', '-'];
  const child = spawn(ffmpegPath, ['-nostdin', '-v', 'error', ...source, ...encoder], {
    stdio: 'ignore',
    detached: true,
  });
  running.push(child);
  await once(child, 'spawn');
  return child;
}

/** Share of the machine, in percent, that two encoders under the limiter get together. */
async function shareUnder(limiter: CpuLimiter): Promise<number> {
  const encoders = await Promise.all([startEncoder(), startEncoder()]);
  for (const { pid } of encoders) limiter.add(pid as number);
  const usedMs = (): number => encoders.reduce((sum, { pid }) => sum + linuxTreeCpuMs(pid as number), 0);
  const [beganMs, before] = [performance.now(), usedMs()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const share = (100 * (usedMs() - before)) / ((performance.now() - beganMs) * cores);
  await Promise.all(
    encoders.map((child) => {
      child.kill('SIGKILL');
      return once(child, 'exit');
    }),
  );
  await limiter.close();
  return share;
}

test.runIf(onLinux)('two encoders together get the share they may have, by stopping and continuing them', async () => {
  const share = await shareUnder(createDutyCycle((percent / 100) * cores));
  expect(share).toBeGreaterThan(percent - 5);
  expect(share).toBeLessThan(percent + 5);
});

test.runIf(onLinux)('and by the quota of a control group, where one may be made', async () => {
  const limiter = await createCpuLimiter({ percent, name: `reelmill-test-${process.pid}`, log });
  const share = await shareUnder(limiter);
  console.log(`held at ${share.toFixed(1)} % of the machine by ${limiter.means}`);
  expect(share).toBeGreaterThan(percent - 5);
  expect(share).toBeLessThan(percent + 5);
});
