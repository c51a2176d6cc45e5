import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder, untilNoProcessNames } from './support/farmProcesses.ts';
import { createNetwork, type NamespaceNetwork } from './support/namespaces.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let network: NamespaceNetwork;
beforeAll(async () => {
  folder = await temporaryFolder();
  network = await createNetwork('rmd', 1);
});
afterAll(async () => {
  await untilNoProcessNames(folder.path, 15_000);
  await network.remove();
  await folder.remove();
});

const launcher = fileURLToPath(new URL('../apps/cli/bin/reelmill.mjs', import.meta.url));

function demo(out: string, command: readonly string[]): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const all = [...command, process.execPath, launcher, 'demo', '--out', out];
    const child = spawn(all[0] as string, all.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.once('close', (code) => resolve({ code, stdout }));
  });
}

test('on a network the demo finds its agents over mDNS and proves every frame', async () => {
  const out = join(folder.path, 'network');
  const result = await demo(out, ['ip', 'netns', 'exec', network.hosts[0]?.namespace ?? '']);
  expect(result.stdout).toContain('found over mDNS');
  expect(result.stdout).toContain('frames: source 500, output 500, identical order: yes');
  expect(result.stdout).toMatch(/agent-one[\s\S]*agent-two|agent-two[\s\S]*agent-one/);
  expect(result.code).toBe(0);
  expect((await stat(join(out, 'sample_h264-720p.mp4'))).size).toBeGreaterThan(100_000);
});

test('with loopback only the demo uses a typed address and says so', async () => {
  const result = await demo(join(folder.path, 'loopback'), [
    'unshare',
    '--net',
    'sh',
    '-c',
    'ip link set lo up && exec "$@"',
    'sh',
  ]);
  expect(result.stdout).toContain('only loopback');
  expect(result.stdout).toContain('identical order: yes');
  expect(result.code).toBe(0);
});
