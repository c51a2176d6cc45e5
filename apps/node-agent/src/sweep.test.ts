import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { openDataFolder } from './dataFolder.ts';
import { identify, isRunning } from './processIdentity.ts';
import { createChildRegister, sweepLeftovers } from './sweep.ts';

const log = pino({ level: 'silent' });

function folders() {
  const home = mkdtempSync(join(tmpdir(), 'reelmill-sweep-'));
  const scratchFolder = join(home, 'scratch');
  mkdirSync(scratchFolder);
  return { childrenFile: join(home, 'children.ndjson'), scratchFolder };
}

const sleeper = () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { detached: true, stdio: 'ignore' });
  return { child, pid: child.pid ?? 0, ended: once(child, 'exit') };
};

test('a start ends the encoders an earlier agent left and empties its scratch', async () => {
  const paths = folders();
  const { pid, ended } = sleeper();
  createChildRegister(paths.childrenFile).add(pid);
  writeFileSync(join(paths.scratchFolder, 'half.mp4'), 'half');
  expect(sweepLeftovers(paths, log)).toBe(1);
  expect((await ended)[1]).toBe('SIGKILL');
  expect(existsSync(join(paths.scratchFolder, 'half.mp4'))).toBe(false);
});

test('a process that only has the number of an old encoder is left alone', async () => {
  const paths = folders();
  const { child, pid, ended } = sleeper();
  writeFileSync(paths.childrenFile, `${JSON.stringify({ pid, startedAt: '1' })}\nnot a line`);
  expect(sweepLeftovers(paths, log)).toBe(0);
  expect(isRunning(identify(pid))).toBe(true);
  child.kill('SIGKILL');
  await ended;
});

test('the register forgets encoders that have ended', () => {
  const { childrenFile } = folders();
  const register = createChildRegister(childrenFile);
  const noProcess = 2 ** 22 + 1;
  for (let count = 0; count < 1_000; count += 1) register.add(noProcess);
  expect(readFileSync(childrenFile, 'utf8').split('\n').length).toBeLessThan(300);
});

test('the lock of an agent that was killed is taken over, its node id stays', () => {
  const path = mkdtempSync(join(tmpdir(), 'reelmill-folder-'));
  const first = openDataFolder({ path, chosen: true });
  first.release();
  writeFileSync(join(path, 'agent.pid'), JSON.stringify({ pid: process.ppid, startedAt: '1' }));
  expect(openDataFolder({ path, chosen: true }).nodeId).toBe(first.nodeId);
});
