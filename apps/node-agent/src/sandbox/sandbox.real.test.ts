import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeChunk, type ProcessLauncher, resolveFfmpeg, runProcess } from '@reelmill/media';
import { expect, test, vi } from 'vitest';
import { identify, isRunning } from '../processIdentity.ts';
import { makeClip } from '../testing/testClip.ts';
import { chooseSandbox } from './sandbox.ts';

const home = mkdtempSync(join(tmpdir(), 'reelmill-sandbox-'));
const [source, secret, scratch] = ['source.mp4', 'secret', 'scratch'].map((name) => join(home, name)) as [
  string,
  string,
  string,
];
mkdirSync(scratch);
writeFileSync(source, 'source');
writeFileSync(secret, 'secret');

const register = { add: () => undefined };
const sandbox = await chooseSandbox({ wanted: true, registers: [register] });
if (sandbox.kind === 'none')
  console.warn('not run: the tests of the bubblewrap sandbox, because it does not work here');

const launcher = (): ProcessLauncher =>
  sandbox.launcherFor({ readFiles: [source], writeFolder: scratch, programs: [process.execPath] });
const run = (command: string, ...args: string[]) =>
  runProcess({ command, args }, { signal: new AbortController().signal, launcher: launcher() });

test.runIf(sandbox.kind === 'bwrap')('an encoder reads its source, writes its scratch, and nothing else', async () => {
  expect(await run('cat', source)).toMatchObject({ exitCode: 0, stdout: 'source' });
  expect((await run('cat', secret)).exitCode).not.toBe(0);
  expect((await run('cp', source, join(scratch, 'copy'))).exitCode).toBe(0);
  await run('cp', source, join(home, 'copy'));
  expect(existsSync(join(home, 'copy'))).toBe(false);
  expect((await run('sh', '-c', `echo x >> ${source}`)).exitCode).not.toBe(0);
});

test.runIf(sandbox.kind === 'bwrap')('an encoder has no network, not even its own machine', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connect = `require('net').connect(${port}, '127.0.0.1').on('error', ({ code }) => console.log(code)).on('connect', () => console.log('reached'))`;
  const interfaces = "console.log(Object.keys(require('os').networkInterfaces()).join())";
  expect(['', 'lo']).toContain((await run(process.execPath, '-e', interfaces)).stdout.trim());
  expect((await run(process.execPath, '-e', connect)).stdout.trim()).toMatch(/ENETUNREACH|ECONNREFUSED/);
  server.close();
});

test.runIf(sandbox.kind === 'bwrap')(
  'stopped at any moment of its start, nothing inside the sandbox lives on',
  async () => {
    for (let round = 0; round < 40; round += 1) {
      const started = performance.now();
      // Ends when the last process that holds its output has ended.
      const signal = AbortSignal.timeout(5 + round);
      await expect(runProcess({ command: 'sleep', args: ['60'] }, { signal, launcher: launcher() })).rejects.toThrow();
      expect(performance.now() - started).toBeLessThan(20_000);
    }
  },
);

test.runIf(sandbox.kind === 'bwrap' && process.getuid?.() === 0)(
  'an agent of root renders a source that only another user may read',
  async () => {
    chownSync(source, 1000, 1000);
    chmodSync(source, 0o600);
    expect(await run('cat', source)).toMatchObject({ exitCode: 0, stdout: 'source' });
  },
);

test.runIf(sandbox.kind === 'bwrap')(
  'text is drawn into the picture inside of it, with the same bytes as outside',
  async () => {
    const tools = await resolveFfmpeg();
    const subtitlePath = join(home, 'lines.srt');
    writeFileSync(subtitlePath, '1\n00:00:00,200 --> 00:00:01,900\nInside\n');
    const wish = { path: join(home, 'film.mp4'), seconds: 2, size: '320x180', chunkSeconds: 1, speed: 'ultrafast' };
    const { chunks, path } = await makeClip({ ...wish, subtitlePath }, tools);
    const spec = chunks[1];
    if (!spec) throw new Error('the clip was not cut');
    const access = { readFiles: [path], writeFolder: scratch, programs: [tools.ffmpegPath, tools.ffprobePath] };
    const signal = new AbortController().signal;
    const [inside, outside] = [join(scratch, 'chunk.mp4'), join(home, 'chunk.mp4')];
    await encodeChunk(
      spec,
      { sourcePath: path, outputPath: inside },
      { tools, signal, launcher: sandbox.launcherFor(access) },
    );
    await encodeChunk(spec, { sourcePath: path, outputPath: outside }, { tools, signal });
    expect(readFileSync(inside).equals(readFileSync(outside))).toBe(true);
  },
);

test('where the system has no parent-death signal, the guard ends the encoders of a killed agent', async () => {
  const guardUrl = new URL('./guard.ts', import.meta.url).href;
  const agent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { spawn } from 'node:child_process';
       import { startGuard } from '${guardUrl}';
       const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
       startGuard().add(child.pid);
       process.stdout.write(String(child.pid));
       setInterval(() => {}, 1e6);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [text] = await once(agent.stdout, 'data');
  const encoder = identify(Number(text));
  expect(isRunning(encoder)).toBe(true);
  agent.kill('SIGKILL');
  await vi.waitFor(() => expect(isRunning(encoder)).toBe(false), { timeout: 2_000, interval: 20 });
});
