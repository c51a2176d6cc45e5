import { io } from 'socket.io-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lanAddresses } from '../discovery/lanAddresses.ts';
import { rawRequest } from './testing/rawRequest.ts';
import { joinToken, openTestDoors, ownerToken, type TestDoors } from './testing/testDoors.ts';

/** Another address of this machine stands for another machine: it is not loopback to the server. */
const outward = lanAddresses().find((one) => !one.internal)?.address;
let open: TestDoors;
beforeEach(async () => {
  open = await openTestDoors({ staticFolder: import.meta.dirname });
});
afterEach(() => open.close());

const urlAt = (address: string): string => `http://${address}:${new URL(open.url).port}`;
const bearer = { authorization: `Bearer ${ownerToken}` };

test('off: nothing answers beyond loopback; on: it does, on the same port, and open windows stay connected', async () => {
  const window = io(`${open.url}/interface`, { transports: ['websocket'], auth: { token: ownerToken } });
  await new Promise((resolve) => window.once('farm:snapshot', resolve));
  let ended = false;
  window.on('disconnect', () => {
    ended = true;
  });
  if (outward) await expect(rawRequest(`${urlAt(outward)}/healthz`)).rejects.toThrow('ECONNREFUSED');
  expect(await window.emitWithAck('command', { type: 'set-lan', enabled: true })).toEqual({ ok: true, value: null });
  expect(open.core.lan.lan).toBe(true);
  expect(open.core.lan.joinCommand).toMatch(
    new RegExp(`^REELMILL_JOIN_TOKEN=${joinToken} npx reelmill-agent --coordinator [\\d.]+:${new URL(open.url).port}$`),
  );
  if (outward) expect((await rawRequest(`${urlAt(outward)}/healthz`)).status).toBe(200);
  expect(await window.emitWithAck('command', { type: 'set-lan', enabled: false })).toEqual({ ok: true, value: null });
  expect(open.core.lan).toEqual({ lan: false, joinCommand: null });
  if (outward) await expect(rawRequest(`${urlAt(outward)}/healthz`)).rejects.toThrow('ECONNREFUSED');
  expect((await rawRequest(`${open.url}/healthz`)).status).toBe(200);
  expect(ended).toBe(false);
  window.close();
});

test.runIf(outward)('browsers of other machines get a page that says why not; the API answers the owner', async () => {
  await open.doors.setLan(true);
  const url = urlAt(outward ?? '');
  const page = await rawRequest(`${url}/`);
  expect([page.status, page.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
  expect((await rawRequest(`${url}/`, { headers: bearer })).status).toBe(403);
  expect((await rawRequest(`${url}/api/v1/jobs`)).status).toBe(401);
  expect((await rawRequest(`${url}/api/v1/jobs`, { headers: bearer })).status).toBe(200);
  expect((await rawRequest(`${url}/api/v1/jobs`, { headers: { ...bearer, origin: url } })).status).toBe(403);
  const code = new URL(open.doors.interfaceUrl()).hash.slice('#code='.length);
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ code });
  expect((await rawRequest(`${url}/api/v1/session`, { method: 'POST', headers, body })).status).toBe(403);
});

test('a port that is taken is refused with the system code, and another one can be tried', async () => {
  const other = await openTestDoors();
  const port = Number(new URL(open.url).port);
  await other.doors.close();
  await expect(other.doors.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect((await other.doors.listen({ host: '127.0.0.1', port: 0 })).port).not.toBe(port);
  await other.close();
});
