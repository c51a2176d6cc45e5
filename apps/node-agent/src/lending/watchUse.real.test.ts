import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { UseRule } from './easeOff.ts';
import { createUseReader } from './useReader.ts';
import { watchUse } from './watchUse.ts';

/** As the usual one, with times that a test can wait for and limits that a busy build machine does not reach by itself. */
const rule: UseRule = {
  busyAbovePercent: 10,
  busyForMs: 500,
  quietBelowPercent: 100.1,
  quietForMs: 500,
  activeWithinMs: 0,
  awayAfterMs: 0,
};

/** In sessions of their own, as encoders are: a desktop's kernel shares processors between sessions. */
const burnAll = () =>
  Array.from({ length: 6 * cpus().length }, () =>
    spawn(process.execPath, ['-e', 'for (;;) {}'], { stdio: 'ignore', detached: true }),
  );

test.runIf(process.platform === 'linux')('the load of others is seen, that of our own encoders is not', async () => {
  const burners = burnAll();
  await Promise.all(burners.map((child) => once(child, 'spawn')));
  const [own] = burners;
  const others = createUseReader('load', own?.pid as number);
  const ours = createUseReader('load', process.pid);
  await Promise.all([others.read(), ours.read()]);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const [seen, unseen] = await Promise.all([others.read(), ours.read()]);
  for (const child of burners) child.kill('SIGKILL');
  // All burners load every processor: without ours there is what the rest of the machine does.
  expect(seen.othersCpuPercent).toBeGreaterThan(20);
  expect((seen.othersCpuPercent ?? 0) - (unseen.othersCpuPercent ?? 0)).toBeGreaterThan(10);
});

test.runIf(process.platform === 'linux')('someone comes and goes: the lending is told both times', async () => {
  const idle = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(idle, 'spawn');
  const told: boolean[] = [];
  const changes = new EventTarget();
  const next = (): Promise<unknown> => once(changes as never, 'change');
  const stop = watchUse({
    easeOff: 'load',
    reader: createUseReader('load', idle.pid as number),
    lending: {
      inUse(use) {
        told.push(use !== null);
        changes.dispatchEvent(new Event('change'));
      },
    },
    log: pino({ level: 'silent' }),
    rule,
    intervalMs: 100,
  });
  const came = next();
  const burners = burnAll();
  await came;
  const went = next();
  for (const child of burners) child.kill('SIGKILL');
  await went;
  stop();
  idle.kill('SIGKILL');
  expect(told.slice(0, 2)).toEqual([true, false]);
});
