import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import type { SignedPut } from '@reelmill/protocol';
import { describe, expect, test } from 'vitest';
import { bytesOf, type ConformanceContext, codeOf, freshKey } from './conformanceTools.ts';
import { downloadSigned } from './downloadSigned.ts';
import { sha256OfBytes } from './hashing.ts';
import { uploadSigned } from './uploadSigned.ts';

const noRetries = { retry: { tries: 1 } };

/** What an agent may do with a signed URL, and what nobody may. */
export function signedUrlConformance(context: ConformanceContext): void {
  describe('signed URLs', () => {
    signedReads(context);
    signedWrites(context);
    transfers(context);
  });
}

/** One HTTP request with exactly these headers. */
export async function rawRequest(
  method: string,
  url: string,
  options: { headers?: Record<string, string>; body?: Uint8Array } = {},
): Promise<{ status: number; body: Buffer; headers: Record<string, unknown> }> {
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const sent = request(url, { method, headers: options.headers ?? {} }, resolve);
    sent.on('error', reject);
    sent.end(options.body);
  });
  return { status: response.statusCode ?? 0, body: await bytesOf(response), headers: response.headers };
}

function signedReads({ subject }: ConformanceContext): void {
  test('a signed URL reads its object, whole and by range', async () => {
    const { store, baseUrl } = subject();
    const key = freshKey();
    const bytes = randomBytes(70_000);
    await store.putBytes(key, bytes);
    const get = await store.signGet(key, { ttlSeconds: 60, baseUrl, sha256: null });
    expect(get).toMatchObject({ sizeBytes: 70_000, sha256: sha256OfBytes(bytes) });
    const whole = await rawRequest('GET', get.url);
    expect(whole.status).toBe(200);
    expect(whole.body.equals(bytes)).toBe(true);
    const part = await rawRequest('GET', get.url, { headers: { range: 'bytes=100-199' } });
    expect(part.status).toBe(206);
    expect(part.headers['content-range']).toBe('bytes 100-199/70000');
    expect(part.body.equals(bytes.subarray(100, 200))).toBe(true);
    const beyond = await rawRequest('GET', get.url, { headers: { range: 'bytes=70000-' } });
    expect(beyond.status).toBe(416);
  });

  test('a read with a wrong signature, another key, another method, too late or unsigned is refused', async () => {
    const { store, lateStore, baseUrl } = subject();
    const [key, other] = [freshKey(), freshKey()];
    await store.putBytes(key, Buffer.from('mine'));
    await store.putBytes(other, Buffer.from('secret'));
    const { url } = await store.signGet(key, { ttlSeconds: 60, baseUrl, sha256: null });
    const expired = await lateStore.signGet(key, { ttlSeconds: 60, baseUrl, sha256: null });
    const longer = url.replace(/(expires=|X-Amz-Expires=)(\d+)/i, (_all, name, value) => `${name}${Number(value) + 9}`);
    expect(longer).not.toBe(url);
    expect((await rawRequest('GET', url)).status).toBe(200);
    expect((await rawRequest('GET', withWrongSignature(url))).status).toBe(403);
    expect((await rawRequest('GET', url.replace(key, other))).status).toBe(403);
    expect((await rawRequest('GET', longer)).status).toBe(403);
    expect((await rawRequest('GET', expired.url)).status).toBe(403);
    expect((await rawRequest('GET', url.split('?')[0] ?? '')).status).toBe(403);
    const put = await rawRequest('PUT', url, { headers: { 'content-length': '1' }, body: Buffer.from('x') });
    expect(put.status).toBe(403);
    expect((await rawRequest('DELETE', url)).status).toBeGreaterThanOrEqual(400);
    expect(String(await bytesOf(await store.get(key)))).toBe('mine');
  });
}

const withWrongSignature = (url: string): string =>
  url.replace(/(signature=)(.)/i, (_all, name, digit) => name + (digit === '0' ? '1' : '0'));

function signedWrites({ subject }: ConformanceContext): void {
  const bytes = Buffer.from('the very bytes that were announced');
  const bound = { ttlSeconds: 60, sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) };
  const write = async (
    put: SignedPut,
    change: { url?: string; method?: string; body?: Buffer } = {},
  ): Promise<number> => {
    const body = change.body ?? bytes;
    const headers = { ...put.headers, 'content-length': String(body.length) };
    return (await rawRequest(change.method ?? 'PUT', change.url ?? put.url, { headers, body })).status;
  };

  test('a signed URL writes its object, and the same bytes again', async () => {
    const { store, baseUrl } = subject();
    const key = freshKey();
    const put = await store.signPut(key, { ...bound, baseUrl });
    expect(put).toMatchObject({ key, multipart: null });
    expect(await write(put)).toBe(200);
    expect(await write(put)).toBe(200);
    expect(await store.head(key)).toEqual({ key, sizeBytes: bytes.length, sha256: bound.sha256 });
  });

  test.each([
    ['a wrong signature', (put: SignedPut) => ({ url: withWrongSignature(put.url) })],
    ['another method', () => ({ method: 'POST' })],
    ['another key', (put: SignedPut) => ({ url: put.url.replace(put.key, freshKey()) })],
    ['another length', () => ({ body: Buffer.concat([bytes, bytes]) })],
    ['a shorter body', () => ({ body: bytes.subarray(1) })],
    ['other bytes of the same length', () => ({ body: Buffer.from(bytes).fill(0x61, 3, 4) })],
    ['no signature', (put: SignedPut) => ({ url: put.url.split('?')[0] ?? '' })],
  ])('a write with %s is refused and nothing becomes visible', async (_name, change) => {
    const { store, baseUrl } = subject();
    const key = freshKey();
    const put = await store.signPut(key, { ...bound, baseUrl });
    const status = await write(put, change(put));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(await store.head(key)).toBeNull();
    expect(await store.list(key.slice(0, key.lastIndexOf('/') + 1))).toEqual([]);
  });

  test('a write after the URL expired is refused', async () => {
    const { store, lateStore, baseUrl } = subject();
    const key = freshKey();
    expect(await write(await lateStore.signPut(key, { ...bound, baseUrl }))).toBe(403);
    expect(await store.head(key)).toBeNull();
  });

  test('a write that announces another hash than was signed is refused', async () => {
    const { store, baseUrl } = subject();
    const key = freshKey();
    const put = await store.signPut(key, { ...bound, baseUrl });
    const forged = Buffer.from('another text, just as long as that');
    expect(forged.length).toBe(bytes.length);
    const swap = (text: string): string => text.replaceAll(bound.sha256, sha256OfBytes(forged));
    const headers = Object.fromEntries(Object.entries(put.headers).map(([name, value]) => [name, swap(value)]));
    expect(await write({ ...put, url: swap(put.url), headers }, { body: forged })).toBe(403);
    expect(await store.head(key)).toBeNull();
  });
}

function transfers({ subject, folder }: ConformanceContext): void {
  test('an agent uploads and downloads by signed URLs only', async () => {
    const { store, baseUrl } = subject();
    const [key, from, to] = [freshKey(), join(folder(), 'upload'), join(folder(), 'download')];
    const bytes = randomBytes(5_000_000);
    const expected = { sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) };
    await writeFile(from, bytes);
    const put = await store.signPut(key, { ttlSeconds: 60, baseUrl, ...expected });
    let uploaded = 0;
    await uploadSigned(put, from, { ...expected, ...noRetries, onBytes: (done) => (uploaded = done) });
    expect(uploaded).toBe(bytes.length);
    const get = await store.signGet(key, { ttlSeconds: 60, baseUrl, sha256: expected.sha256 });
    expect(await downloadSigned(get, to, noRetries)).toEqual(expected);
    expect((await readFile(to)).equals(bytes)).toBe(true);
  });

  test('an empty file travels as well', async () => {
    const { store, baseUrl } = subject();
    const [key, from, to] = [freshKey(), join(folder(), 'nothing'), join(folder(), 'nothing-back')];
    await writeFile(from, '');
    const expected = { sizeBytes: 0, sha256: sha256OfBytes(new Uint8Array(0)) };
    await uploadSigned(await store.signPut(key, { ttlSeconds: 60, baseUrl, ...expected }), from, {
      ...expected,
      ...noRetries,
    });
    const get = await store.signGet(key, { ttlSeconds: 60, baseUrl, sha256: expected.sha256 });
    expect(await downloadSigned(get, to, noRetries)).toEqual(expected);
  });

  test('refusals reach the agent as codes', async () => {
    const { store, lateStore, baseUrl } = subject();
    const [key, from] = [freshKey(), join(folder(), 'refused')];
    const bytes = randomBytes(3_000_000);
    const expected = { sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) };
    await writeFile(from, bytes);
    const late = await lateStore.signPut(key, { ttlSeconds: 60, baseUrl, ...expected });
    expect(await codeOf(uploadSigned(late, from, { ...expected, ...noRetries }))).toBe('STORAGE_REFUSED');
    const put = await store.signPut(key, { ttlSeconds: 60, baseUrl, ...expected });
    await uploadSigned(put, from, { ...expected, ...noRetries });
    const get = await store.signGet(key, { ttlSeconds: 60, baseUrl, sha256: null });
    await store.remove(key);
    expect(await codeOf(downloadSigned(get, join(folder(), 'gone'), noRetries))).toBe('NOT_FOUND');
  });
}
