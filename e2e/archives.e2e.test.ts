import { execFile, spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dataFiles } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder, untilNoProcessNames } from './support/farmProcesses.ts';
import { type ServeFarm, serveFarm } from './support/serveFarm.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let farm: ServeFarm;

beforeAll(async () => {
  folder = await temporaryFolder();
  await run(process.execPath, ['scripts/dist.mjs'], { cwd: root });
  farm = serveFarm(folder.path);
  await farm.startCoordinator();
});
afterAll(async () => {
  await farm.stop();
  await untilNoProcessNames(folder.path, 15_000);
  await folder.remove();
});

const archive = async (prefix: RegExp): Promise<string> =>
  resolve(root, 'dist', (await readdir(join(root, 'dist'))).find((name) => prefix.test(name)) ?? 'missing');

test('the agent archive installs into an empty prefix and joins', async () => {
  const prefix = join(folder.path, 'prefix');
  await run('npm', [
    'install',
    '--silent',
    '--global',
    '--prefix',
    prefix,
    await archive(/^reelmill-agent-\d.*\.tgz$/),
  ]);
  const program = join(prefix, 'bin', 'reelmill-agent');
  const token = join(farm.dataDir, dataFiles.joinToken);
  const address = new URL(farm.ready().apiUrl).host;
  const args = [
    '--coordinator',
    address,
    '--token-file',
    token,
    '--data',
    join(folder.path, 'agent'),
    '--name',
    'packed',
    '--json',
  ];
  const child = spawn(program, [...args, '--no-mdns'], { stdio: ['ignore', 'pipe', 'inherit'], cwd: folder.path });
  const joined = new Promise((done, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('"joined"')) done(line);
    });
    child.once('exit', (code) => fail(new Error(`ended with ${code}`)));
  });
  await joined;
  expect((await farm.nodes()).map((node) => node.name)).toContain('packed');
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
});

test('the command line archive prints its presets without the clone', async () => {
  const prefix = join(folder.path, 'prefix-cli');
  await run('npm', ['install', '--silent', '--global', '--prefix', prefix, await archive(/^reelmill-\d.*\.tgz$/)]);
  const { stdout } = await run(join(prefix, 'bin', 'reelmill'), ['presets'], { cwd: folder.path });
  expect(stdout).toContain('h264-1080p');
  expect(stdout).toContain('ffv1-archive');
});
