import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rawRequest } from '../gateway/testing/rawRequest.ts';
import { openTestDoors, ownerToken, type TestDoors } from '../gateway/testing/testDoors.ts';

let folder: string;
let open: TestDoors;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-static-'));
  await mkdir(join(folder, 'bundle', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'not for the web');
  await writeFile(join(folder, 'bundle', 'index.html'), '<!doctype html><html><head><title>R</title></head></html>');
  await writeFile(join(folder, 'bundle', 'assets', 'main-1a2b.js'), 'export {};');
  await writeFile(join(folder, 'bundle', 'icon.svg'), '<svg/>');
  open = await openTestDoors({ staticFolder: join(folder, 'bundle') });
});
afterAll(async () => {
  await open.close();
  await rm(folder, { recursive: true, force: true });
});

const codeOf = (url: string): string => new URL(url).hash.slice('#code='.length);
const exchange = (code: string, headers: Record<string, string> = {}) =>
  rawRequest(`${open.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: open.url, ...headers },
    body: JSON.stringify({ code }),
  });
const session = async (): Promise<string> => {
  const answer = await exchange(codeOf(open.doors.interfaceUrl()));
  return answer.headers['set-cookie']?.[0] ?? '';
};

test('a browser without a session gets the sign-in page and nothing of the bundle', async () => {
  const page = await rawRequest(`${open.url}/`);
  expect(page.status).toBe(401);
  expect(page.text).toContain('/api/v1/session');
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'nonce-/);
  expect((await rawRequest(`${open.url}/assets/main-1a2b.js`)).status).toBe(401);
});

test('a one-time code buys a cookie once; the cookie outlives reloads and opens the API', async () => {
  const code = codeOf(open.doors.interfaceUrl());
  const first = await exchange(code);
  expect(first.status).toBe(204);
  const setCookie = first.headers['set-cookie']?.[0] ?? '';
  expect(setCookie).toMatch(/^reelmill_session_\w+=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  const cookie = setCookie.split(';')[0] ?? '';
  for (let reload = 0; reload < 2; reload += 1) {
    const page = await rawRequest(`${open.url}/`, { headers: { cookie } });
    expect([page.status, page.text.includes('<title>R</title>')]).toEqual([200, true]);
  }
  expect((await rawRequest(`${open.url}/api/v1/jobs`, { headers: { cookie } })).status).toBe(200);
  expect((await exchange(code)).status).toBe(401);
  expect((await exchange(code, { cookie })).status).toBe(204);
});

test('a forged, cut or foreign cookie opens nothing', async () => {
  const good = (await session()).split(';')[0] ?? '';
  const [name, value] = good.split('=') as [string, string];
  const [id, , mac] = value.split('.');
  const forged = [`${name}=`, `${name}=${value.slice(0, -1)}`, `${name}=${id}.9999999999999.${mac}`, `other=${value}`];
  for (const cookie of forged) {
    expect((await rawRequest(`${open.url}/api/v1/jobs`, { headers: { cookie } })).status).toBe(401);
  }
});

test('the cookie does not serve a page of another site', async () => {
  const cookie = (await session()).split(';')[0] ?? '';
  const origins = ['http://evil.example', 'http://127.0.0.1:1', 'null', 'file://'];
  for (const origin of origins) {
    expect((await rawRequest(`${open.url}/api/v1/jobs`, { headers: { cookie, origin } })).status).toBe(403);
  }
  const host = `evil.example:${new URL(open.url).port}`;
  expect((await rawRequest(`${open.url}/api/v1/jobs`, { headers: { cookie, host } })).status).toBe(403);
});

test('the page carries the exact policy, with a fresh nonce that its styles can read', async () => {
  const headers = { authorization: `Bearer ${ownerToken}` };
  const [one, two] = await Promise.all([0, 1].map(() => rawRequest(`${open.url}/`, { headers })));
  const nonceOf = (text: string) => /<meta property="csp-nonce" nonce="([^"]+)">/.exec(text)?.[1];
  const nonce = nonceOf(one?.text ?? '');
  expect(one?.headers['content-security-policy']).toBe(
    `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; connect-src 'self' ws://127.0.0.1:*; ` +
      "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'",
  );
  expect(nonce).not.toBe(nonceOf(two?.text ?? ''));
});

test.each([
  ['/assets/main-1a2b.js', 'text/javascript; charset=utf-8'],
  ['/icon.svg', 'image/svg+xml'],
])('%s is sent as %s', async (path, type) => {
  const answer = await rawRequest(open.url + path, { headers: { authorization: `Bearer ${ownerToken}` } });
  expect([answer.status, answer.headers['content-type'], answer.headers['x-content-type-options']]).toEqual([
    200,
    type,
    'nosniff',
  ]);
});

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/..%5c..%5csecret.txt',
  '/assets',
  '/none.js',
])('%s leads to no file', async (path) => {
  const url = new URL(open.url);
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const options = { host: url.hostname, port: url.port, path, headers: { authorization: `Bearer ${ownerToken}` } };
    request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(404);
});
