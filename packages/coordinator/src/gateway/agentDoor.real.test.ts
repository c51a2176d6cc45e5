import { createHmac } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuthChallenge, coordinatorProofText, type Heartbeat, type NodeId, type TaskId } from '@reelmill/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AgentConnection } from '../farmCorePort.ts';
import { helloOf, type Knock, type KnockOptions, knock, nodeId } from './testing/testAgent.ts';
import { joinToken, openTestDoors, type TestDoors } from './testing/testDoors.ts';

let open: TestDoors;
const knocks: Knock[] = [];
beforeEach(async () => {
  open = await openTestDoors();
});
afterEach(async () => {
  for (const one of knocks.splice(0)) one.socket.close();
  await open.close();
});

function enter(options: Partial<KnockOptions> = {}): Knock {
  const one = knock(open.url, { key: joinToken, ...options });
  knocks.push(one);
  return one;
}

async function joinFarm(options: Partial<KnockOptions> = {}): Promise<Knock> {
  const one = enter(options);
  await one.admitted;
  const answer = await one.socket.emitWithAck('agent:hello', helloOf(options.nodeId));
  expect(answer).toEqual({ ok: true, value: { revoked: [] } });
  return one;
}

const telemetry = {
  cpuPercent: 10,
  memoryUsedBytes: 1,
  freeDiskBytes: 1,
  temperatureCelsius: null,
  bytesDownloaded: 0,
  bytesUploaded: 0,
};
const heartbeat: Heartbeat = { leases: [], telemetry };

test('an agent with the join token is admitted, says hello and is heard', async () => {
  const agent = await joinFarm();
  expect(await agent.socket.emitWithAck('heartbeat', heartbeat)).toEqual({ ok: true, value: { revoked: [] } });
  const [, connection, hello] = open.core.of('agentHello')[0] as [string, AgentConnection, unknown];
  expect(connection).toMatchObject({ nodeId, address: '127.0.0.1', baseUrl: open.url });
  expect(hello).toMatchObject({ name: 'studio-two' });
});

test('the coordinator proves itself first', async () => {
  const agent = enter();
  const challenge = await agent.challenge;
  const admission = await agent.admitted;
  expect(admission).toMatchObject({ coordinatorId: 'c-test', protocolVersion: 1 });
  const auth = agent.socket.auth as { nonce: string };
  const facts = { coordinatorId: 'c-test', nodeId, agentNonce: auth.nonce, coordinatorNonce: challenge.nonce };
  const expected = createHmac('sha256', joinToken).update(coordinatorProofText(facts)).digest('hex');
  expect(challenge.mac).toBe(expected);
});

test('a wrong token is refused with its reason, and the core hears nothing', async () => {
  const agent = enter({ key: 'wrong' });
  expect(await agent.refused).toMatchObject({ code: 'NOT_AUTHORIZED' });
  expect(await agent.disconnected).toBe('io server disconnect');
  expect(open.core.calls.filter(([kind]) => kind !== 'noteRefused')).toEqual([]);
});

test("the coordinator's own proof sent back does not admit", async () => {
  const agent = enter({ key: 'wrong', answer: (challenge: AuthChallenge) => ({ mac: challenge.mac }) });
  expect(await agent.refused).toMatchObject({ code: 'NOT_AUTHORIZED' });
});

test('a proof heard once does not admit a second time', async () => {
  const honest = enter();
  await honest.admitted;
  const replay = enter({ answer: () => ({ mac: honest.proof() }) });
  expect(await replay.refused).toMatchObject({ code: 'NOT_AUTHORIZED' });
});

test.each([{ answer: () => 'no' }, { answer: () => ({ mac: 'short' }) }, { answer: () => ({ mac: 7 }) }])(
  'an answer that is no proof is refused (%#)',
  async ({ answer }) => {
    expect(await enter({ answer }).refused).toMatchObject({ code: 'NOT_AUTHORIZED' });
  },
);

test('an agent of another protocol is told so', async () => {
  const agent = enter({ protocol: { min: 98, max: 99 } });
  expect(await agent.refused).toMatchObject({ code: 'PROTOCOL_MISMATCH' });
});

test('the first join leaves a key of its own that opens the door afterwards, in a file only its owner reads', async () => {
  const first = enter();
  await first.admitted;
  const key = first.nodeKey();
  const path = join(open.dataDir, 'node-keys.json');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ [nodeId]: key });
  expect(await enter({ key, secret: 'node-key' }).admitted).toMatchObject({ coordinatorId: 'c-test' });
  const other = enter({ key, secret: 'node-key', nodeId: 'node-two' as NodeId });
  expect(await other.refused).toMatchObject({ code: 'NOT_AUTHORIZED' });
});

test('a node without a key gets no challenge to work on', async () => {
  const agent = enter({ secret: 'node-key' });
  await agent.refused;
  expect(() => agent.proof()).toThrow('no challenge');
});

test('nothing is heard from an agent before its hello', async () => {
  const agent = enter();
  await agent.admitted;
  expect(await agent.socket.emitWithAck('heartbeat', heartbeat)).toMatchObject({
    ok: false,
    error: { code: 'REQUEST_INVALID' },
  });
  expect(open.core.of('agentHeartbeat')).toEqual([]);
});

test('a hello under another id than the proven one is refused', async () => {
  const agent = enter();
  await agent.admitted;
  const answer = await agent.socket.emitWithAck('agent:hello', helloOf('node-two' as NodeId));
  expect(answer).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
  expect(open.core.of('agentHello')).toEqual([]);
});

test('a payload that does not fit its schema is answered, never passed on', async () => {
  const agent = await joinFarm();
  const answer = await agent.socket.emitWithAck('task:finished', { taskId: '../../etc' } as never);
  expect(answer).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID', details: { field: 'taskId' } } });
  expect(open.core.of('agentFinished')).toEqual([]);
});

test('a reconnecting node replaces its older connection, which gives way only after the new hello', async () => {
  const first = await joinFarm();
  const second = enter();
  await second.admitted;
  expect(first.socket.connected).toBe(true);
  await second.socket.emitWithAck('agent:hello', helloOf());
  expect(await first.disconnected).toBe('io server disconnect');
  const order = open.core.calls.map(([kind]) => kind);
  expect(order).toEqual(['agentHello', 'agentHello', 'agentLeft']);
  expect(open.core.of('agentLeft')[0]?.[1]).toBe(open.core.connections[0]);
});

test('a lost connection is told to the core, a bye once', async () => {
  const gone = await joinFarm();
  const left = open.core.next('agentLeft');
  gone.socket.close();
  expect((await left)[2]).toBe('disconnected');
  const polite = await joinFarm();
  expect(await polite.socket.emitWithAck('agent:bye')).toEqual({ ok: true, value: null });
  polite.socket.close();
  expect(open.core.of('agentLeft').map(([, , reason]) => reason)).toEqual(['disconnected', 'bye']);
});

test('a heartbeat that asks for no answer is told what to stop, and nothing else', async () => {
  const agent = await joinFarm();
  const told: string[] = [];
  agent.socket.onAny((event: string) => told.push(event));
  const key = { taskId: 'J-abcdefghij/h264-720p/encode-0000' as TaskId, attempt: 2 };
  const heard = open.core.next('agentHeartbeat');
  agent.socket.emit('heartbeat', { ...heartbeat, leases: [key] });
  await heard;
  open.core.revoked = [key];
  const canceled = new Promise((resolve) => agent.socket.once('task:cancel', resolve));
  agent.socket.emit('heartbeat', { ...heartbeat, leases: [key] });
  expect(await canceled).toEqual(key);
  expect(told).toEqual(['task:cancel']);
  expect(open.core.of('agentHeartbeat').length).toBe(2);
});

test('an offer reaches the agent and its answer comes back; an unacknowledged cancel is sent', async () => {
  const agent = await joinFarm();
  const key = { taskId: 'J-aaaaaaaaaa/p/encode-0000' as TaskId, attempt: 1 };
  const canceled = new Promise((resolve) => agent.socket.once('task:cancel', resolve));
  agent.socket.on('task:offer', (_offer, ack) => ack({ accepted: true }));
  const [connection] = open.core.connections;
  expect(await connection?.offer({ ...key, kind: 'encode' } as never)).toEqual({ accepted: true });
  connection?.cancel(key);
  expect(await canceled).toEqual(key);
});

test('a waiting offer is asked back, and the agent says whether it had begun', async () => {
  const agent = await joinFarm();
  const key = { taskId: 'J-aaaaaaaaaa/p/encode-0000' as TaskId, attempt: 1 };
  agent.socket.on('task:recall', (asked, ack) => ack({ returned: asked.attempt === 1 }));
  const [connection] = open.core.connections;
  expect(await connection?.recall(key)).toBe(true);
  expect(await connection?.recall({ ...key, attempt: 2 })).toBe(false);
});

test('a message above 64 KiB ends the connection of an agent', async () => {
  const agent = await joinFarm();
  const report = 'x'.repeat(70_000);
  agent.socket.emit('task:progress', { report } as never);
  expect(await agent.disconnected).toBe('transport close');
  expect(open.core.of('agentProgress')).toEqual([]);
});

test('a web page cannot knock at the agents door', async () => {
  const page = enter({ headers: { origin: 'http://evil.example' } });
  expect((await page.failed).message).toContain('websocket error');
});

test('forgetting a node ends its connection and its key', async () => {
  const agent = await joinFarm();
  expect(JSON.parse(await readFile(join(open.dataDir, 'node-keys.json'), 'utf8'))).toHaveProperty(nodeId);
  const { io } = await import('socket.io-client');
  const window = io(`${open.url}/interface`, { transports: ['websocket'], auth: { token: 'b'.repeat(64) } });
  expect(await window.emitWithAck('command', { type: 'forget-node', nodeId })).toEqual({ ok: true, value: null });
  window.close();
  await agent.disconnected;
  expect(open.core.calls.map(([kind]) => kind)).toEqual(['agentHello', 'agentLeft', 'forgetNode']);
  expect(await enter({ key: agent.nodeKey(), secret: 'node-key' }).refused).toMatchObject({ code: 'NOT_AUTHORIZED' });
});
