import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaskId } from '@reelmill/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogShelf } from './logShelf.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-logs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const log = pino({ level: 'silent' });
const key = (attempt: number) => ({ taskId: TaskId.parse('J-aaaaaaaaaa/h264/encode-0001'), attempt });

/** One program as an attempt runs it: through the launcher, lines on stderr, an end. */
async function runOnce(
  shelf: ReturnType<typeof createLogShelf>,
  attempt: number,
  lines: readonly string[],
): Promise<void> {
  const recorder = shelf.open(key(attempt));
  const launch = recorder.recorded((one) => ({ command: 'bwrap', args: ['--', one.command, ...one.args] }))({
    command: '/usr/bin/ffmpeg',
    args: ['-i', 'http://farm/objects/a?signature=abc', 'out.mp4'],
  });
  expect(launch.command).toBe('bwrap');
  for (const line of lines) launch.onLine?.(line);
  launch.onEnded?.({ exitCode: 1, endSignal: null });
  await recorder.close();
}

test('what an attempt ran and wrote is kept past its end and past the process, without the sandbox and without secrets', async () => {
  await runOnce(createLogShelf({ folder, log }), 1, ['frame=1', 'opening https://store/x?X-Amz-Signature=1']);
  expect(await createLogShelf({ folder, log }).read(key(1))).toEqual([
    {
      program: 'ffmpeg',
      args: ['-i', 'http://farm/objects/a?[removed]', 'out.mp4'],
      exitCode: 1,
      endSignal: null,
      log: 'frame=1\nopening https://store/x?[removed]\n',
    },
  ]);
  expect(await createLogShelf({ folder, log }).read(key(2))).toEqual([]);
});

test('an attempt that runs can be read, and a log of any length fits into one message', async () => {
  const shelf = createLogShelf({ folder, log });
  const recorder = shelf.open(key(1));
  for (let program = 0; program < 6; program++) {
    const launch = recorder.recorded((one) => one)({ command: 'ffmpeg', args: [] });
    for (let line = 0; line < 5_000; line++) launch.onLine?.(`line ${line} ${'x'.repeat(80)}`);
  }
  const runs = await shelf.read(key(1));
  expect(Buffer.byteLength(JSON.stringify(runs))).toBeLessThan(64 * 1024);
  expect(runs.at(-1)?.log).toMatch(/^line 0 /);
  expect(runs.at(-1)?.log).toMatch(/line 4999 x+\n$/);
});

test('the oldest logs go when the shelf is full', async () => {
  const shelf = createLogShelf({ folder, log, maxBytes: 2_000 });
  for (const attempt of [1, 2, 3, 4]) await runOnce(shelf, attempt, ['y'.repeat(600)]);
  expect((await readdir(folder)).length).toBeLessThan(4);
  expect(await shelf.read(key(1))).toEqual([]);
  expect(await shelf.read(key(4))).toHaveLength(1);
});
