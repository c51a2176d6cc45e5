import { request as httpRequest } from 'node:http';
import { FarmError } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinToken, openTestDoors, ownerToken, type TestDoors } from '../gateway/testing/testDoors.ts';

let open: TestDoors;
beforeAll(async () => {
  open = await openTestDoors();
});
afterAll(() => open.close());

const withToken = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
const jobId = 'J-aaaaaaaaaa';

const routes: [method: string, path: string][] = [
  ['GET', '/'],
  ['GET', '/assets/main.js'],
  ['GET', '/api/v1/farm'],
  ['GET', '/api/v1/jobs'],
  ['POST', '/api/v1/jobs'],
  ['GET', `/api/v1/jobs/${jobId}`],
  ['POST', `/api/v1/jobs/${jobId}/cancel`],
  ['POST', `/api/v1/jobs/${jobId}/retry`],
  ['DELETE', `/api/v1/jobs/${jobId}`],
  ['PATCH', `/api/v1/jobs/${jobId}`],
  ['POST', '/api/v1/farm/pause'],
  ['POST', '/api/v1/farm/resume'],
  ['POST', '/api/v1/inspect'],
  ['GET', '/api/v1/nodes'],
  ['GET', '/api/v1/doctor'],
  ['GET', `/api/v1/jobs/${jobId}/outputs/h264-720p`],
  ['POST', '/api/v1/nodes/node-1/release'],
  ['GET', '/api/v1/failures'],
  ['POST', '/api/v1/failures/retry'],
  ['POST', '/api/v1/failures/give-up'],
  ['POST', '/api/v1/session/code'],
  ['GET', '/api/v1/presets'],
  ['PUT', '/api/v1/uploads/clip.mp4'],
  ['GET', '/api/v1/nothing-here'],
  ['OPTIONS', '/api/v1/jobs'],
  ['GET', '/objects/anything'],
];

test.each(routes)('without credentials %s %s is 401 with code, cause and fix', async (method, path) => {
  const response = await fetch(open.url + path, { method });
  expect(response.status).toBe(401);
  const body = (await response.json()) as { error: { code: string; cause: string; fix: string } };
  expect(body.error.code).toBe('NOT_AUTHORIZED');
  expect(body.error.fix).not.toBe('');
});

test.each(routes.filter(([, path]) => path.startsWith('/api/')))(
  'the join token gets 403 on %s %s',
  async (method, path) => {
    const response = await fetch(open.url + path, { method, ...withToken(joinToken) });
    expect(response.status).toBe(403);
  },
);

test('health is open and tells nothing but the version', async () => {
  const response = await fetch(`${open.url}/healthz`);
  expect(response.status).toBe(200);
  expect(Object.keys((await response.json()) as object).sort()).toEqual(['ok', 'productVersion']);
});

test('the owner token opens the API; answers are parsed requests and envelopes of errors', async () => {
  const jobs = await fetch(`${open.url}/api/v1/jobs`, withToken(ownerToken));
  expect(await jobs.json()).toEqual({ jobs: [], warnings: [], paused: false, stopAfter: null });
  const submitted = await fetch(`${open.url}/api/v1/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [{ kind: 'path', path: '/clip.mp4' }], preset: 'h264-720p' }),
  });
  expect(submitted.status).toBe(202);
  expect(open.core.of('submit')[0]?.[1]).toMatchObject({ preset: 'h264-720p', verify: 'seams', settings: {} });
  const conflict = await fetch(`${open.url}/api/v1/jobs/${jobId}`, { method: 'DELETE', ...withToken(ownerToken) });
  expect(conflict.status).toBe(409);
  const missing = await fetch(`${open.url}/api/v1/jobs/${jobId}`, withToken(ownerToken));
  expect(missing.status).toBe(404);
  const canceled = await fetch(`${open.url}/api/v1/jobs/${jobId}/cancel`, { method: 'POST', ...withToken(ownerToken) });
  expect(canceled.status).toBe(204);
});

test('a request that does not fit its schema is 400 and names the field', async () => {
  const send = (body: string) =>
    fetch(`${open.url}/api/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' },
      body,
    });
  const wrong = await send(JSON.stringify({ inputs: [], preset: 'h264-720p' }));
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toMatchObject({ error: { code: 'REQUEST_INVALID', details: { field: 'inputs' } } });
  expect((await send('{"inputs":')).status).toBe(400);
});

test('a full queue answers 429 and when to come again', async () => {
  open.core.refusal = new FarmError('QUEUE_FULL', { details: { retryAfterSeconds: 2 } });
  const response = await fetch(`${open.url}/api/v1/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: [{ kind: 'path', path: '/clip.mp4' }], preset: 'h264-720p' }),
  });
  open.core.refusal = null;
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2']);
  expect(await response.json()).toMatchObject({ error: { code: 'QUEUE_FULL' } });
});

test('the order of a job and the pause of the farm are parsed and asked for', async () => {
  const send = (method: string, path: string, body?: object) =>
    fetch(`${open.url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ownerToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const change = {
    priority: 'urgent',
    hold: false,
    deadline: null,
    queue: 'night',
    position: { before: 'J-bbbbbbbbbb' },
  };
  expect((await send('PATCH', `jobs/${jobId}`, change)).status).toBe(204);
  expect(open.core.of('order')).toEqual([['order', jobId, change]]);
  expect((await send('POST', 'farm/pause')).status).toBe(204);
  expect((await send('POST', 'farm/pause', { stopAfter: jobId })).status).toBe(204);
  expect((await send('POST', 'farm/resume')).status).toBe(204);
  expect(open.core.of('pauseFarm')).toEqual([
    ['pauseFarm', null],
    ['pauseFarm', jobId],
  ]);
  expect(open.core.of('resumeFarm')).toHaveLength(1);
  for (const [wrong, field] of [
    [{}, 'the request'],
    [{ deadline: 'tomorrow' }, 'deadline'],
    [{ priority: 'soon' }, 'priority'],
  ] as const) {
    const answer = await send('PATCH', `jobs/${jobId}`, wrong);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'REQUEST_INVALID', details: { field } } });
  }
});

test('an unknown address is 404 for its owner', async () => {
  const response = await fetch(`${open.url}/api/v1/nothing-here`, withToken(ownerToken));
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
});

function rawStatus(path: string, headers: Record<string, string>): Promise<number> {
  const { hostname, port } = new URL(open.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject).end();
  });
}

test('a page of another site is refused, by its origin and by a rebound name', async () => {
  const authorization = `Bearer ${ownerToken}`;
  expect(await rawStatus('/api/v1/jobs', { authorization, origin: 'http://evil.example' })).toBe(403);
  expect(await rawStatus('/api/v1/jobs', { authorization, origin: 'null' })).toBe(403);
  expect(await rawStatus('/', { host: 'evil.example:7420' })).toBe(403);
  expect(await rawStatus('/api/v1/session', { host: 'evil.example:7420' })).toBe(403);
  expect(await rawStatus('/api/v1/jobs', { authorization, origin: open.url })).toBe(200);
  expect(await rawStatus('/api/v1/jobs', { authorization, origin: 'app://reelmill' })).toBe(200);
});
