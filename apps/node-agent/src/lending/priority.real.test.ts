import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { priorityBook } from './priority.ts';

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** As encoders are started: leading a session of its own. */
async function startDetached(): Promise<number> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  running.push(child);
  await once(child, 'spawn');
  return child.pid as number;
}

test.runIf(process.platform === 'linux')('an encoder gets its class, and its session as well', async () => {
  const log = pino({ level: 'silent' });
  const [lowered, normal] = [await startDetached(), await startDetached()];
  priorityBook('below-normal', log).add(lowered);
  priorityBook('normal', log).add(normal);
  expect([getPriority(lowered), getPriority(normal)]).toEqual([10, getPriority()]);
  const session = `/proc/${lowered}/autogroup`;
  if (existsSync(session)) expect(readFileSync(session, 'utf8')).toContain('nice 10');
});
