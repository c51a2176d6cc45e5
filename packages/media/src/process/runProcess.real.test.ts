import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testRun } from '../testing/testRun.ts';
import { defaultLauncher } from './defaultLauncher.ts';
import type { FfmpegProgress } from './ffmpegProgress.ts';
import { runFfmpeg } from './runFfmpeg.ts';
import { runProcess } from './runProcess.ts';

const node = process.execPath;
const never = new AbortController().signal;

/** A process that is gone, or a zombie nobody waits for. */
function isGone(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return true;
  return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

test('aborting kills the process and its children, and rejects with CANCELED', async () => {
  const abort = new AbortController();
  const parent = `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    console.log(c.pid); setInterval(() => {}, 1000)`;
  let childPid = 0;
  const running = runProcess(
    { command: node, args: ['-e', parent] },
    {
      signal: abort.signal,
      onStdoutLine: (line) => {
        childPid = Number(line);
        abort.abort();
      },
    },
  );
  await expect(running).rejects.toMatchObject({ code: 'CANCELED' });
  await expect.poll(() => isGone(childPid)).toBe(true);
});

test('a signal that is already aborted starts nothing', async () => {
  const signal = AbortSignal.abort();
  await expect(runProcess({ command: '/nowhere', args: [] }, { signal })).rejects.toMatchObject({ code: 'CANCELED' });
});

test('a program that does not exist is FFMPEG_MISSING', async () => {
  const launch = { command: '/nowhere/ffmpeg', args: [] };
  const plain = runProcess(launch, { signal: never, launcher: (given) => given });
  await expect(plain).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
});

test('a log of any length stays bounded and keeps its beginning and its end', async () => {
  const script = 'for (let i = 0; i < 200000; i++) process.stderr.write("line " + i + "\\n")';
  const { log } = await runProcess({ command: node, args: ['-e', script] }, { signal: never });
  expect(log.length).toBeLessThan(64 * 1024);
  expect(log).toMatch(/^line 0\n/);
  expect(log.trimEnd().endsWith('line 199999')).toBe(true);
});

test.skipIf(process.platform !== 'linux')('the kernel ends the child when this process dies by SIGKILL', async () => {
  const { command, args } = defaultLauncher()({ command: 'sleep', args: ['600'] });
  const line = JSON.stringify([command, args]);
  const script = `const [c, a] = ${line}; const p = require('child_process').spawn(c, a, { detached: true });
    console.log(p.pid); setInterval(() => {}, 1000)`;
  const parent = spawn(node, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [firstOutput] = await once(parent.stdout, 'data');
  const childPid = Number(String(firstOutput));
  // setpriv has asked the kernel once it has become the program itself
  await expect.poll(() => readFileSync(`/proc/${childPid}/comm`, 'utf8').trim()).toBe('sleep');
  parent.kill('SIGKILL');
  await expect.poll(() => isGone(childPid), { timeout: 2000 }).toBe(true);
});

test('progress is reported while FFmpeg runs and at its end', async () => {
  const seen: FfmpegProgress[] = [];
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30:duration=4'];
  await runFfmpeg([...source, '-f', 'null', '-'], testRun(), { onProgress: (progress) => seen.push(progress) });
  expect(seen.at(-1)).toMatchObject({ frames: 120, ended: true });
});

test('a failing FFmpeg rejects with the code asked for and the end of its log', async () => {
  const failing = runFfmpeg(['-i', '/nowhere.mp4', '-f', 'null', '-'], testRun(), { failureCode: 'DECODE_FAILED' });
  await expect(failing).rejects.toMatchObject({
    code: 'DECODE_FAILED',
    message: expect.stringContaining('No such file'),
    details: { exitCode: 1 },
  });
});
