import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { productVersion } from '@reelmill/protocol';
import { afterEach, expect, test, vi } from 'vitest';
import { agentLauncher } from './index.ts';
import { isRunning } from './processIdentity.ts';
import { newDataDir } from './testing/testAgent.ts';
import { TestFarm } from './testing/testFarm.ts';

vi.setConfig({ testTimeout: 30_000 });

/** Makes the launcher believe that it runs under the Node of Debian 12. */
const asOldNode = ['--import', "data:text/javascript,Object.defineProperty(process,'version',{value:'v18.19.0'})"];
const farms: TestFarm[] = [];
afterEach(async () => void (await Promise.all(farms.splice(0).map((farm) => farm.close()))));

test('under an old Node the launcher runs the agent with the bundled one and passes its exit code on', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [...asOldNode, agentLauncher, ...args], { encoding: 'utf8' });
  expect(run('--version')).toMatchObject({ status: 0, stdout: `${productVersion}\n` });
  expect(run('--slots', 'none').status).toBe(2);
});

test('without any fitting Node the launcher says code, cause and fix and ends with 2', () => {
  const bin = join(mkdtempSync(join(tmpdir(), 'reelmill-launcher-')), 'bin');
  mkdirSync(bin);
  for (const file of ['reelmill-agent.mjs', 'launch.mjs']) cpSync(join(dirname(agentLauncher), file), join(bin, file));
  const env = { PATH: '/nonexistent' };
  const run = spawnSync(process.execPath, [...asOldNode, join(bin, 'reelmill-agent.mjs')], { encoding: 'utf8', env });
  expect(run.status).toBe(2);
  expect(run.stderr).toMatch(/^error {2}SETUP_MISSING.*\ncause {2}.*v18\.19\.0.*\nfix {4}.*REELMILL_NODE/);
});

test('a launcher that is killed takes its agent along, and one that is terminated passes the signal on', async () => {
  const farm = await TestFarm.open();
  farms.push(farm);
  const args = [...asOldNode, agentLauncher, '--coordinator', `127.0.0.1:${farm.port}`, '--no-mdns', '--data'];
  const env = { ...process.env, REELMILL_JOIN_TOKEN: farm.joinToken };
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const dataDir = newDataDir();
    const launcher = spawn(process.execPath, [...args, dataDir], { env, stdio: 'ignore' });
    await farm.hellos.next();
    const agent = JSON.parse(readFileSync(join(dataDir, 'agent.pid'), 'utf8'));
    expect(agent.pid).not.toBe(launcher.pid);
    launcher.kill(signal);
    const [code] = await once(launcher, 'exit');
    expect(code).toBe(signal === 'SIGKILL' ? null : 0);
    await farm.left.next((reason) => reason === 'bye');
    await vi.waitFor(() => expect(isRunning(agent)).toBe(false), { timeout: 5_000 });
  }
});
