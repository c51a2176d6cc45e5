import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryFolder, untilNoProcessNames } from '../support/farmProcesses.ts';
import { makeClip } from '../support/makeClip.ts';
import { desktopEnvironment } from './desktopApp.ts';
import { describeDesktop } from './electronSuite.ts';
import { openFarmApi } from './farmApi.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const running: Started[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGTERM');
    await ended;
  }
  await untilNoProcessNames(folder.path, 15_000);
  await folder.remove();
});

interface Started {
  readonly child: ChildProcess;
  readonly lines: string[];
  until(pattern: RegExp): Promise<string>;
  readonly ended: Promise<number | null>;
}

/** `npm start -- …` as a user types it, both outputs read as one list of lines. */
function npmStart(args: readonly string[], environment: Record<string, string>): Started {
  const child = spawn(process.execPath, ['scripts/start.mjs', ...args], { cwd: root, env: environment });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const until = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const known = lines.find((line) => pattern.test(line));
      if (known !== undefined) return resolve(known);
      listeners.add((line) => pattern.test(line) && resolve(line));
      void ended.then((code) => reject(new Error(`ended (${code}) without ${pattern}\n${lines.join('\n')}`)));
    });
  const started = { child, lines, until, ended };
  running.push(started);
  return started;
}

const farmEnvironment = (extra: Record<string, string>): Record<string, string> =>
  desktopEnvironment({ display: '', folder: join(folder.path, 'farm'), env: { WAYLAND_DISPLAY: '', ...extra } });

async function doneJob(dataDir: string): Promise<string | undefined> {
  const job = (await (await openFarmApi(dataDir)).farm()).jobs[0];
  if (job?.state === 'failed') throw new Error(JSON.stringify(job.error));
  return job?.state === 'done' ? job.outputs[0]?.path : undefined;
}

test('without a display the same interface is served to a browser, the given clip is rendered, Ctrl-C ends with 0', async () => {
  const clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 1, size: '320x180' });
  const started = npmStart([clip], farmEnvironment({}));
  expect(await started.until(/^No window/)).toContain('no display');
  expect(await started.until(/^http/)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#code=/);
  await started.until(/clip\.mp4 -> /);
  const dataDir = join(folder.path, 'farm', 'coordinator');
  await expect.poll(() => doneJob(dataDir), { timeout: 120_000, interval: 250 }).toContain('clip_h264-720p.mp4');
  started.child.kill('SIGINT');
  expect(await started.ended).toBe(0);
});

describeDesktop('npm start with a shell', (bench) => {
  test('opens the window with the given clip already in the queue, and warns about the sandbox as root', async () => {
    const clip = join(folder.path, 'clip.mp4');
    await makeClip(clip, { seconds: 1, size: '320x180' });
    const shell = { DISPLAY: bench.display(), ELECTRON_OVERRIDE_DIST_PATH: bench.distPath() };
    const started = npmStart([clip], farmEnvironment(shell));
    if (process.getuid?.() === 0) await started.until(/--no-sandbox/);
    const dataDir = join(folder.path, 'farm', 'coordinator');
    const done = () => doneJob(dataDir).catch(() => undefined);
    await expect.poll(done, { timeout: 120_000, interval: 250 }).toContain('clip_h264-720p.mp4');
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
  });

  test('a shell that cannot start leads to the browser interface, never to a failure', async () => {
    const broken = { DISPLAY: ':65535', ELECTRON_OVERRIDE_DIST_PATH: bench.distPath() };
    const started = npmStart([], farmEnvironment(broken));
    expect(await started.until(/^No window/)).toContain('ended with');
    await started.until(/^http/);
    started.child.kill('SIGINT');
    expect(await started.ended).toBe(0);
  });
});
