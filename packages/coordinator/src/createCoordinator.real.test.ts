import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { resolveFfmpeg } from '@reelmill/media';
import { RuntimeFile } from '@reelmill/protocol';
import { afterEach, expect, test } from 'vitest';
import { type Coordinator, type CoordinatorSettings, createCoordinator } from './createCoordinator.ts';
import { newFolder } from './testing/testFarm.ts';

const tools = await resolveFfmpeg();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(dataDir: string, settings: Partial<CoordinatorSettings> = {}): Promise<Coordinator> {
  const coordinator = await createCoordinator({
    dataDir,
    port: 0,
    lan: false,
    storage: { kind: 'embedded' },
    tools,
    staticFolder: null,
    logLevel: 'silent',
    ...settings,
  });
  closing.push(() => coordinator.close());
  return coordinator;
}

test('a second coordinator on the same data folder is refused and told where the first one is', async () => {
  const dataDir = await newFolder('data');
  const first = await start(dataDir);
  const refusal = await start(dataDir).catch((thrown) => thrown);
  expect(refusal).toMatchObject({ code: 'DATA_DIR_BUSY' });
  expect(RuntimeFile.parse(refusal.details.runtime)).toMatchObject({ pid: process.pid, apiUrl: first.info.apiUrl });
  expect((await fetch(`${first.info.apiUrl}/healthz`)).status).toBe(200);
});

test('an orderly end frees folder and port, and the next start has the same id, port and tokens', async () => {
  const dataDir = await newFolder('data');
  const first = await start(dataDir);
  const { info } = first;
  const owner = await readFile(join(dataDir, 'owner-token'), 'utf8');
  await first.close();
  await expect(stat(join(dataDir, 'runtime.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  const second = await start(dataDir);
  expect(second.info).toMatchObject({ coordinatorId: info.coordinatorId, port: info.port });
  expect(await readFile(join(dataDir, 'owner-token'), 'utf8')).toBe(owner);
});

test('a busy port gives way to the next free one', async () => {
  const blocker = createServer();
  blocker.listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as { port: number };
  const coordinator = await start(await newFolder('data'), { port });
  expect(coordinator.info.port).toBeGreaterThan(port);
  expect(coordinator.info.port).toBeLessThan(port + 50);
  blocker.close();
});

test('secrets can be read by their owner only', async () => {
  const dataDir = await newFolder('data');
  await start(dataDir);
  for (const name of ['join-token', 'owner-token', 'store-secret', 'same-machine-proof', 'runtime.json']) {
    expect([name, (await stat(join(dataDir, name))).mode & 0o777]).toEqual([name, 0o600]);
  }
});

const holder = `
  const { createCoordinator } = await import(process.argv[1]);
  const coordinator = await createCoordinator({ dataDir: process.argv[2], port: 0, lan: false,
    storage: { kind: 'embedded' }, staticFolder: null, logLevel: 'silent' });
  console.log(coordinator.info.port);
`;

test('a coordinator killed with SIGKILL leaves no lock behind', async () => {
  const dataDir = await newFolder('data');
  const script = new URL('./createCoordinator.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--input-type=module', '-e', holder, script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [port] = (await once(lines, 'line')) as [string];
  await expect(start(dataDir)).rejects.toMatchObject({ code: 'DATA_DIR_BUSY' });
  child.kill('SIGKILL');
  await once(child, 'close');
  const next = await start(dataDir);
  expect(next.info.port).toBe(Number(port));
});
