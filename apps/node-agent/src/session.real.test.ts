import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AudioSpec } from '@reelmill/media';
import { LeaseKey, RuntimeFile, TaskOffer } from '@reelmill/protocol';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { newDataDir, startAgent, type TestAgent, type TestAgentOptions } from './testing/testAgent.ts';
import { TestFarm, type TestFarmOptions } from './testing/testFarm.ts';

vi.setConfig({ testTimeout: 60_000 });

const key = LeaseKey.parse({ taskId: 'J-abcdefghij/h264-720p/audio', attempt: 1 });
const agents: TestAgent[] = [];
const farms: TestFarm[] = [];
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
  await Promise.all(farms.splice(0).map((farm) => farm.close()));
});

const openFarm = async (options: TestFarmOptions = {}): Promise<TestFarm> => {
  const farm = await TestFarm.open(options);
  farms.push(farm);
  return farm;
};
const agentWith = (options: TestAgentOptions): TestAgent => {
  const agent = startAgent(options);
  agents.push(agent);
  return agent;
};
const dialling = (farm: TestFarm, more: Partial<TestAgentOptions> = {}): TestAgent =>
  agentWith({
    args: ['--coordinator', `127.0.0.1:${farm.port}`, '--no-mdns', '--slots', '1', ...(more.args ?? [])],
    env: { REELMILL_JOIN_TOKEN: farm.joinToken, ...more.env },
    ...(more.dataDir === undefined ? {} : { dataDir: more.dataDir }),
  });

const audioSpec: AudioSpec = {
  kind: 'audio',
  demuxer: 'mov',
  audio: {
    streamIndex: 1,
    encoder: 'aac',
    encoderArgs: [],
    filters: [],
    container: 'mp4',
    offsetSeconds: 0,
    durationSeconds: 1,
    sampleRate: 48_000,
    channels: 2,
    startSeconds: 0,
    labels: { language: null, title: null, dispositions: [] },
    loudness: null,
  },
};

/** Accepted, then waits for a source that never comes: what the tests of leases need. */
const waitingOffer = (farm: TestFarm): TaskOffer => {
  const get = { url: `${farm.url}/never`, sizeBytes: 1, sha256: null };
  return TaskOffer.parse({
    ...key,
    jobId: 'J-abcdefghij',
    kind: 'audio',
    leaseTtlMs: 10_000,
    source: { kind: 'fetch', sourceId: 'nowhere', extension: 'mp4', get },
    inputs: [],
    spec: audioSpec,
  });
};

describe('joining', () => {
  test('an agent proves the token, says who it is, proves its machine, and keeps a key', async () => {
    const farm = await openFarm();
    const agent = dialling(farm, { args: ['--name', 'left desk'] });
    const hello = await farm.hellos.next();
    expect(hello).toMatchObject({ name: 'left desk', slots: 1, heldLeases: [] });
    expect(hello.sameMachineProof).toBe(readFileSync(farm.proofFile, 'utf8'));
    expect(hello.toolchain.encoders).toContain('libx264');
    expect(await agent.lines.next(({ type }) => type === 'joined')).toMatchObject({ coordinatorId: 'test-farm' });
    const { telemetry } = await farm.heartbeats.next();
    expect(telemetry.freeDiskBytes).toBeGreaterThan(0);
    expect(farm.handshakes.seen.map(({ secret }) => secret)).toEqual(['join-token']);
    expect(JSON.stringify(farm.handshakes.seen)).not.toContain(farm.joinToken);
  });

  test('the second start needs no token, and keeps its node id', async () => {
    const farm = await openFarm();
    const first = dialling(farm);
    const { nodeId } = await farm.hellos.next();
    first.child.kill('SIGTERM');
    expect(await first.exited).toEqual({ code: 0, signal: null });
    dialling(farm, { env: { REELMILL_JOIN_TOKEN: '' }, dataDir: first.dataDir });
    expect((await farm.hellos.next()).nodeId).toBe(nodeId);
    expect(farm.handshakes.seen.map(({ secret }) => secret)).toEqual(['join-token', 'node-key']);
  });

  test('a coordinator that lost the key of a node gets the proof of the token', async () => {
    const farm = await openFarm();
    const first = dialling(farm);
    await farm.hellos.next();
    first.child.kill('SIGTERM');
    await first.exited;
    farm.nodeKeys.clear();
    dialling(farm, { dataDir: first.dataDir });
    await farm.hellos.next();
    expect(farm.handshakes.seen.map(({ secret }) => secret)).toEqual(['join-token', 'node-key', 'join-token']);
  });

  test('a rogue coordinator is left with code, cause and fix, and learns nothing', async () => {
    const farm = await openFarm({ rogue: true });
    const agent = dialling(farm);
    expect(await agent.exited).toEqual({ code: 4, signal: null });
    expect(agent.lines.seen.at(-1)).toMatchObject({ type: 'error', code: 'ROGUE_COORDINATOR' });
    expect(farm.hellos.seen).toEqual([]);
  });

  test('two agents with the default folder are two nodes; a named folder is refused to the second', async () => {
    const farm = await openFarm();
    const first = dialling(farm);
    await farm.hellos.next();
    const second = dialling(farm, { dataDir: first.dataDir });
    expect(await second.exited).toEqual({ code: 2, signal: null });
    expect(second.lines.seen.at(-1)).toMatchObject({ type: 'error', code: 'USAGE' });
    const home = newDataDir();
    const env = { REELMILL_JOIN_TOKEN: farm.joinToken, XDG_DATA_HOME: home, HOME: home };
    const { spawn } = await import('node:child_process');
    const { agentLauncher } = await import('./index.ts');
    const args = [agentLauncher, '--coordinator', `127.0.0.1:${farm.port}`, '--no-mdns'];
    const twins = [1, 2].map(() => spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'ignore' }));
    const ids = [(await farm.hellos.next()).nodeId, (await farm.hellos.next()).nodeId];
    for (const twin of twins) twin.kill('SIGKILL');
    expect(new Set(ids).size).toBe(2);
  });
});

test('--no-in-place makes an agent on the same machine a remote one', async () => {
  const farm = await openFarm();
  dialling(farm, { args: ['--no-in-place'] });
  expect((await farm.hellos.next()).sameMachineProof).toBeNull();
});

describe('leases', () => {
  test('a cut line is dialled again and the hello names what is still held', async () => {
    const farm = await openFarm();
    dialling(farm);
    await farm.hellos.next();
    expect(await farm.offer(waitingOffer(farm))).toEqual({ accepted: true });
    farm.cut();
    expect((await farm.hellos.next()).heldLeases).toEqual([key]);
  });

  test('an offer beyond the slots waits and is given back when asked for; what has begun is not', async () => {
    const farm = await openFarm();
    const agent = dialling(farm, { args: ['--slots', '1'] });
    expect(await farm.hellos.next()).toMatchObject({ slots: 1, waitingOffers: 8 });
    const [beside, inSlot, waiting] = ['', '1', '2'].map((end) =>
      LeaseKey.parse({ ...key, taskId: `${key.taskId}${end}` }),
    );
    for (const lease of [beside, inSlot, waiting]) {
      expect(await farm.offer({ ...waitingOffer(farm), ...lease } as TaskOffer)).toEqual({ accepted: true });
    }
    await agent.lines.next((line) => line.type === 'task' && line.taskId === inSlot?.taskId);
    const returned = [];
    for (const lease of [inSlot, waiting, waiting]) returned.push(await farm.recall(lease as LeaseKey));
    expect(returned).toEqual([false, true, false]);
  });

  test('a lease revoked in a heartbeat is stopped and no longer held', async () => {
    const farm = await openFarm({ heartbeatIntervalMs: 50, leaseTtlMs: 2_000 });
    const agent = dialling(farm);
    await farm.hellos.next();
    await farm.offer(waitingOffer(farm));
    await farm.heartbeats.next(({ leases }) => leases.length === 1);
    farm.revoked = [key];
    await farm.heartbeats.next(({ leases }) => leases.length === 0);
    expect(await agent.lines.next((line) => line.type === 'task' && line.event === 'end')).toMatchObject({
      outcome: 'stopped',
    });
    expect(farm.finished.seen).toEqual([]);
  });

  test('a report is said again over a reconnect until it is acknowledged', async () => {
    const farm = await openFarm();
    const agent = dialling(farm);
    await farm.hellos.next();
    farm.verdict = null;
    await farm.offer({ ...waitingOffer(farm), spec: { kind: 'nonsense' } });
    const first = await farm.finished.next();
    expect(first.outcome).toMatchObject({ kind: 'failed', error: { code: 'REQUEST_INVALID' } });
    farm.cut();
    farm.verdict = 'accepted';
    expect((await farm.hellos.next()).heldLeases).toEqual([key]);
    expect(await farm.finished.next()).toEqual(first);
    const end = await agent.lines.next((line) => line.type === 'task' && line.event === 'end');
    expect(end).toMatchObject({ outcome: 'failed', verdict: 'accepted' });
  });
});

describe('local coordinators', () => {
  test('the runtime file is read at each attempt, so a coordinator that came back elsewhere is found', async () => {
    const folder = newDataDir();
    const first = await openFarm();
    const describeFarm = (farm: TestFarm): void => {
      const runtime = { pid: process.pid, startedAt: '0', coordinatorId: farm.coordinatorId, apiUrl: farm.url };
      const file = RuntimeFile.parse({ ...runtime, host: '127.0.0.1', port: farm.port });
      writeFileSync(join(folder, 'runtime.json'), JSON.stringify(file));
      writeFileSync(join(folder, 'join-token'), farm.joinToken);
    };
    describeFarm(first);
    agentWith({ args: ['--local-data-dir', folder] });
    await first.hellos.next();
    const second = await openFarm({ joinToken: first.joinToken, nodeKeys: first.nodeKeys });
    describeFarm(second);
    await first.close();
    expect((await second.hellos.next()).heldLeases).toEqual([]);
  });
});

describe('leaving', () => {
  test('SIGTERM says goodbye, empties the scratch and ends with 0', async () => {
    const farm = await openFarm();
    const agent = dialling(farm);
    await farm.hellos.next();
    await farm.offer(waitingOffer(farm));
    await agent.lines.next(({ type }) => type === 'task');
    agent.child.kill('SIGTERM');
    expect(await farm.left.next()).toBe('bye');
    expect(await agent.exited).toEqual({ code: 0, signal: null });
    expect(agent.lines.seen.at(-1)).toEqual({ type: 'left' });
    expect(existsSync(join(agent.dataDir, 'agent.pid'))).toBe(false);
  });

  test('--exit-with-parent ends the agent when its stdin does', async () => {
    const farm = await openFarm();
    const agent = dialling(farm, { args: ['--exit-with-parent'] });
    await farm.hellos.next();
    agent.child.stdin?.end();
    expect(await agent.exited).toEqual({ code: 0, signal: null });
  });
});
