import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { heldBytes, memoryOfTree } from './memoryUse.ts';

const status = (lines: string) => `Name:\tffmpeg\nVmHWM:\t  999999 kB\n${lines}VmSwap:\t 0 kB\n`;

test('pages of files do not count: the system can drop them at any time', () => {
  const lines = 'VmRSS:\t 5000 kB\nRssAnon:\t    3000 kB\nRssFile:\t 1900 kB\nRssShmem:\t     100 kB\n';
  expect(heldBytes(status(lines))).toBe(3100 * 1024);
});

test('a kernel that does not tell them apart counts all', () => {
  expect(heldBytes(status('VmRSS:\t 5000 kB\n'))).toBe(5000 * 1024);
});

test('a process that has ended holds nothing', () => {
  expect([heldBytes(status('')), memoryOfTree(2 ** 22 + 1)]).toEqual([0, 0]);
});

test.runIf(process.platform === 'linux')(
  'children of a process count with it, in whatever group they are',
  async () => {
    const grandchild =
      'const held = Buffer.alloc(64e6, 1); console.log(held.length, process.pid); setInterval(() => held, 1000)';
    const options = `{ stdio: ['ignore', 'inherit', 'inherit'], detached: true }`;
    const child = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], ${options});
    setInterval(() => {}, 1000)`;
    const parent = spawn(process.execPath, ['-e', child], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout, 'data');
    const held = memoryOfTree(parent.pid ?? 0);
    process.kill(Number(String(line).trim().split(' ')[1]), 'SIGKILL');
    parent.kill('SIGKILL');
    expect(held).toBeGreaterThan(64e6);
  },
);
