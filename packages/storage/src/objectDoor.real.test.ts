import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { ErrorData } from '@reelmill/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rawRequest } from './conformanceOfSignedUrls.ts';
import { listenOnLoopback } from './conformanceServer.ts';
import { freshKey } from './conformanceTools.ts';
import { createDiskStore } from './diskStore.ts';
import { type DiskStoreFixture, filesUnder, openDiskStoreFixture } from './diskStoreFixture.ts';
import { sha256OfBytes } from './hashing.ts';

let disk: DiskStoreFixture;

beforeEach(async () => {
  disk = await openDiskStoreFixture();
});
afterEach(() => disk.close());

const identityOf = async (path: string) => {
  const found = await stat(path, { bigint: true });
  return { path, sizeBytes: Number(found.size), mtimeNs: String(found.mtimeNs), inode: String(found.ino) };
};

test('an upload that breaks off leaves nothing', async () => {
  const key = freshKey();
  const bytes = randomBytes(1_000_000);
  const put = await disk.store.signPut(key, {
    ttlSeconds: 60,
    baseUrl: disk.baseUrl,
    sizeBytes: bytes.length,
    sha256: sha256OfBytes(bytes),
  });
  const broken = Promise.withResolvers<void>();
  const { baseUrl: otherUrl, close: closeOther } = await listenOnLoopback(async (incoming, response) => {
    await disk.store.handle(incoming, response);
    broken.resolve();
  });
  const sending = request(put.url.replace(disk.baseUrl, otherUrl), { method: 'PUT', headers: put.headers });
  sending.on('error', () => undefined); // it breaks on purpose
  sending.write(bytes.subarray(0, 500_000), () => sending.destroy());
  await broken.promise;
  await closeOther();
  expect(await disk.store.head(key)).toBeNull();
  expect(await filesUnder(disk.folder)).toEqual([]);
});

test('URLs handed out before a restart still work after it', async () => {
  const key = freshKey();
  await disk.store.putBytes(key, Buffer.from('still here'));
  const get = await disk.store.signGet(key, { ttlSeconds: 60, baseUrl: disk.baseUrl, sha256: null });
  disk.store = createDiskStore({ folder: disk.folder, secret: disk.secret });
  await disk.store.ready();
  expect(String((await rawRequest('GET', get.url)).body)).toBe('still here');
  disk.store = createDiskStore({ folder: disk.folder, secret: randomBytes(32) });
  expect((await rawRequest('GET', get.url)).status).toBe(403);
});

test('an original is served in place, whole and by range, without telling its path', async () => {
  const path = join(disk.base, 'Ferien 2024 (1).mov');
  const bytes = randomBytes(300_000);
  await writeFile(path, bytes);
  const get = disk.store.signOriginal(path, await identityOf(path), {
    ttlSeconds: 60,
    baseUrl: disk.baseUrl,
    sha256: null,
  });
  expect(get).toMatchObject({ sizeBytes: 300_000, sha256: null });
  expect(get.url).not.toContain('Ferien');
  expect((await rawRequest('GET', get.url)).body.equals(bytes)).toBe(true);
  const part = await rawRequest('GET', get.url, { headers: { range: 'bytes=-10' } });
  expect(part.status).toBe(206);
  expect(part.body.equals(bytes.subarray(-10))).toBe(true);
  expect(await filesUnder(disk.folder)).toEqual([]);
});

test('an original is never written through its URL, and only opens unchanged', async () => {
  const path = join(disk.base, 'film.mov');
  await writeFile(path, 'original');
  const identity = await identityOf(path);
  const { url } = disk.store.signOriginal(path, identity, { ttlSeconds: 60, baseUrl: disk.baseUrl, sha256: null });
  const write = await rawRequest('PUT', url, { headers: { 'content-length': '3' }, body: Buffer.from('bad') });
  expect(write.status).toBe(403);
  expect(await readFile(path, 'utf8')).toBe('original');
  expect((await rawRequest('GET', `${url}x`)).status).toBe(403);
  await utimes(path, 1, 1);
  const changed = await rawRequest('GET', url);
  expect(changed.status).toBe(409);
  expect(ErrorData.parse(JSON.parse(String(changed.body)).error).code).toBe('SOURCE_CHANGED');
  await rm(path);
  expect((await rawRequest('GET', url)).status).toBe(404);
});

test('the door refuses with an error a person can read, and leaves other URLs alone', async () => {
  const answer = await rawRequest('GET', `${disk.baseUrl}/objects/videos/x`);
  expect(answer.status).toBe(403);
  expect(JSON.parse(String(answer.body))).toMatchObject({ ok: false, error: { code: 'STORAGE_REFUSED' } });
  for (const path of [
    '/objects/../x',
    '/objects/videos/%2e%2e/x',
    '/objects/.sha256/x',
    '/objects/',
    '/objects//etc/passwd',
  ]) {
    const { port } = new URL(disk.baseUrl);
    const raw = request({ port, path, host: '127.0.0.1' });
    raw.end();
    const [response] = (await once(raw, 'response')) as [import('node:http').IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(404);
  }
  expect((await rawRequest('POST', `${disk.baseUrl}/objects/videos/x`)).status).toBe(405);
  const strange = { url: '/api/v1/jobs', method: 'GET' } as import('node:http').IncomingMessage;
  expect(await disk.store.handle(strange, {} as import('node:http').ServerResponse)).toBe(false);
});

test('an upload that announces another length is refused before its body is read', async () => {
  const put = await disk.store.signPut(freshKey(), {
    ttlSeconds: 60,
    baseUrl: disk.baseUrl,
    sizeBytes: 5,
    sha256: '0'.repeat(64),
  });
  for (const headers of [{ 'content-length': '5000000' }, { 'transfer-encoding': 'chunked' }]) {
    const sending = request(put.url, { method: 'PUT', headers });
    sending.flushHeaders();
    const [response] = (await once(sending, 'response')) as [import('node:http').IncomingMessage];
    expect(response.statusCode).toBe(403);
    sending.on('error', () => undefined); // cut off on purpose
    sending.destroy();
  }
});
