import {
  applyPatch,
  type CoordinatorToInterface,
  type FarmPatch,
  type FarmSnapshot,
  type InterfaceToCoordinator,
  type JobView,
} from '@reelmill/protocol';
import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rawRequest } from './testing/rawRequest.ts';
import { joinToken, openTestDoors, ownerToken, type TestDoors } from './testing/testDoors.ts';

type Window = Socket<CoordinatorToInterface, InterfaceToCoordinator>;
let open: TestDoors;
const windows: Window[] = [];
beforeEach(async () => {
  open = await openTestDoors();
});
afterEach(async () => {
  for (const one of windows.splice(0)) one.close();
  await open.close();
});

function openWindow(token: string | null, headers: Record<string, string> = {}, pages?: true): Window {
  const auth = { ...(token !== null && { token }), ...(pages && { pages }) };
  const options = { transports: ['websocket'], reconnection: false, forceNew: true };
  const socket: Window = io(`${open.url}/interface`, { ...options, auth, extraHeaders: headers });
  windows.push(socket);
  return socket;
}

const snapshotOf = (socket: Window) => new Promise<FarmSnapshot>((resolve) => socket.once('farm:snapshot', resolve));
const patchOf = (socket: Window) => new Promise<FarmPatch>((resolve) => socket.once('farm:patch', resolve));
const refusalOf = (socket: Window) =>
  new Promise<unknown>((resolve) =>
    socket.once('connect_error', (error) => resolve((error as { data?: unknown }).data)),
  );

test('the owner gets a snapshot, then patches numbered from it', async () => {
  const socket = openWindow(ownerToken);
  expect(await snapshotOf(socket)).toMatchObject({ epoch: 'epoch', sequence: 0, farm: { coordinatorId: 'c-test' } });
  for (const sequence of [1, 2]) {
    const patch = patchOf(socket);
    open.core.emitPatch([{ kind: 'stats-changed', stats: open.core.farm.stats }]);
    expect(await patch).toMatchObject({ epoch: 'epoch', sequence });
  }
});

test('a window that missed a patch gets a fresh snapshot on request', async () => {
  const socket = openWindow(ownerToken);
  await snapshotOf(socket);
  const again = snapshotOf(socket);
  socket.emit('farm:resync');
  expect(await again).toMatchObject({ sequence: 0 });
});

test('a long queue comes in pages to a window that takes them, whole to one that does not know them', async () => {
  const jobs = Array.from({ length: 700 }, (_, index) => ({ jobId: `J-${index}`, chunks: [], reports: [] }));
  open.core.farm = { ...open.core.farm, jobs: jobs as unknown as JobView[] };
  const older = openWindow(ownerToken);
  expect((await snapshotOf(older)).farm.jobs).toHaveLength(700);
  const socket = openWindow(ownerToken, {}, true);
  const patches: FarmPatch[] = [];
  const whole = new Promise<void>((resolve) =>
    socket.on('farm:patch', (patch) => {
      patches.push(patch);
      if (patch.changes.some(({ kind }) => kind === 'stats-changed')) resolve();
    }),
  );
  const first = await snapshotOf(socket);
  open.core.emitPatch([{ kind: 'stats-changed', stats: open.core.farm.stats }]);
  await whole;
  const farm = patches.reduce((replica, patch) => applyPatch(replica, patch), first.farm);
  expect([first.farm.jobs.length, patches.length]).toEqual([250, 3]);
  expect(farm).toEqual(open.core.farm);
});

test.each([
  ['no token', null, 'NOT_AUTHORIZED'],
  ['a wrong token', 'wrong', 'NOT_AUTHORIZED'],
  ['the join token', joinToken, 'FORBIDDEN'],
])('%s does not open the interface', async (_name, token, code) => {
  expect(await refusalOf(openWindow(token))).toMatchObject({ code });
});

test('the session cookie opens the interface, for a page of this server only', async () => {
  const code = new URL(open.doors.interfaceUrl()).hash.slice('#code='.length);
  const answer = await rawRequest(`${open.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: open.url },
    body: JSON.stringify({ code }),
  });
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  expect(await snapshotOf(openWindow(null, { cookie, origin: open.url }))).toMatchObject({ sequence: 0 });
  const stranger = openWindow(null, { cookie, origin: 'http://evil.example' });
  const failed = new Promise<Error>((resolve) => stranger.once('connect_error', resolve));
  expect((await failed).message).toBe('websocket error');
  expect(await refusalOf(openWindow(null, { cookie: `${cookie}x`, origin: open.url }))).toMatchObject({
    code: 'NOT_AUTHORIZED',
  });
});

test('commands are parsed, run and answered by envelopes', async () => {
  const socket = openWindow(ownerToken);
  const request = { inputs: [{ kind: 'path' as const, path: '/clip.mov' }], preset: 'h264-720p' };
  const submitted = await socket.emitWithAck('command', { type: 'submit', request } as never);
  expect(submitted).toEqual({ ok: true, value: { jobs: [], skipped: [] } });
  const refused = await socket.emitWithAck('command', { type: 'remove', jobId: 'J-aaaaaaaaaa' } as never);
  expect(refused).toMatchObject({ ok: false, error: { code: 'JOB_STATE' } });
  const wrong = await socket.emitWithAck('command', { type: 'shutdown' } as never);
  expect(wrong).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } });
});

test('the order between jobs is a command, too', async () => {
  const socket = openWindow(ownerToken);
  const order = { type: 'order', jobId: 'J-aaaaaaaaaa', change: { position: 'top' } };
  for (const command of [order, { type: 'pause-farm', stopAfter: null }, { type: 'resume-farm' }]) {
    expect(await socket.emitWithAck('command', command as never)).toEqual({ ok: true, value: null });
  }
  expect(open.core.of('order')).toEqual([['order', 'J-aaaaaaaaaa', { position: 'top' }]]);
});

test('thousands of dropped paths fit into one command', async () => {
  const socket = openWindow(ownerToken);
  const inputs = Array.from({ length: 5_000 }, (_, index) => ({
    kind: 'path',
    path: `/films/${'x'.repeat(200)}${index}.mov`,
  }));
  const request = { inputs, preset: 'h264-720p' };
  expect(await socket.emitWithAck('command', { type: 'submit', request } as never)).toMatchObject({ ok: true });
});

test('what can be done about failures are commands, too', async () => {
  const socket = openWindow(ownerToken);
  const which = ['J-aaaaaaaaaa'];
  const answers = [
    await socket.emitWithAck('command', { type: 'retry-failures', which, avoid: 'failed-nodes' } as never),
    await socket.emitWithAck('command', { type: 'give-up-failures', which } as never),
  ];
  for (const answer of answers) expect(answer).toMatchObject({ ok: true, value: { jobIds: [] } });
  expect(open.core.of('retryFailures')).toMatchObject([['retryFailures', { which, avoid: 'failed-nodes' }]]);
  expect(open.core.of('giveUpFailures')).toMatchObject([['giveUpFailures', { which }]]);
});
