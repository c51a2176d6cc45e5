import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSource } from '@reelmill/media';
import { FarmError, type SignedGet } from '@reelmill/protocol';
import { createDiskStore, type DiskStore, sha256OfBytes } from '@reelmill/storage';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BlockCache, createBlockCache, type SourceRequest } from './blockCache.ts';

const log = pino({ level: 'silent' });
const never = new AbortController().signal;

let home: string;
let store: DiskStore;
let server: Server;
let requests: string[];
/** Set: the next download is held until it is called. */
let hold: Promise<void> | null;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'reelmill-cache-'));
  store = createDiskStore({ folder: join(home, 'store'), secret: randomBytes(32) });
  await store.ready();
  requests = [];
  hold = null;
  server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => void server.closeAllConnections());
afterEach(() => void server.close());

async function serve(request: Parameters<DiskStore['handle']>[0], response: ServerResponse): Promise<void> {
  requests.push(request.url ?? '');
  await hold;
  await store.handle(request, response);
}

const baseUrl = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** An original on the coordinator's disk, and how an agent may read it. */
async function original(name: string, bytes: Buffer, change: Partial<SignedGet> = {}): Promise<SourceRequest> {
  const path = join(home, name);
  writeFileSync(path, bytes);
  const signed = store.signOriginal(path, await checkSource(path), {
    ttlSeconds: 60,
    baseUrl: baseUrl(),
    sha256: null,
  });
  return { sourceId: `id-of-${name}`, extension: 'mp4', get: { ...signed, ...change } };
}

/** Looks like a media file to the check. */
const mediaBytes = (size: number): Buffer =>
  Buffer.concat([Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42', 'latin1'), randomBytes(size - 24)]);

const open = (maxBytes = 1e9): Promise<BlockCache> => createBlockCache({ folder: join(home, 'cache'), maxBytes, log });
const files = (): string[] => readdirSync(join(home, 'cache')).filter((name) => !name.endsWith('.json'));

test('concurrent attempts share one download, and the copy has the hash of the original', async () => {
  const bytes = mediaBytes(300_000);
  const request = await original('film', bytes);
  const cache = await open();
  const copies = await Promise.all([1, 2, 3].map(() => cache.acquire(request, { signal: never })));
  expect(requests).toHaveLength(1);
  expect(copies.map(({ sha256 }) => sha256)).toEqual(Array(3).fill(sha256OfBytes(bytes)));
  expect(readFileSync(copies[0]?.path ?? '')).toEqual(bytes);
  await cache.acquire(request, { signal: never });
  expect(requests).toHaveLength(1);
  expect(cache.usedBytes()).toBe(300_000);
});

test('a copy survives a restart, but only as long as its bytes do', async () => {
  const request = await original('film', mediaBytes(100_000));
  const first = await (await open()).acquire(request, { signal: never });
  await (await open()).acquire(request, { signal: never });
  expect(requests).toHaveLength(1);
  const bytes = readFileSync(first.path);
  bytes[50_000] = (bytes[50_000] ?? 0) ^ 1;
  writeFileSync(first.path, bytes);
  const again = await (await open()).acquire(request, { signal: never });
  expect(requests).toHaveLength(2);
  expect(again.sha256).toBe(first.sha256);
  expect(sha256OfBytes(readFileSync(again.path))).toBe(first.sha256);
});

test('what a crash left half-written is removed at the next start', async () => {
  await open();
  writeFileSync(join(home, 'cache', 'film.mp4.part-1'), 'half');
  writeFileSync(join(home, 'cache', 'film.mp4'), 'without a sidecar');
  const cache = await open();
  expect([files(), cache.usedBytes()]).toEqual([[], 0]);
});

test('the least recently used copy makes room; one in use never does', async () => {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => original(name, mediaBytes(40_000))));
  const cache = await open(100_000);
  (await cache.acquire(a as SourceRequest, { signal: never })).release();
  const inUse = await cache.acquire(b as SourceRequest, { signal: never });
  await cache.acquire(c as SourceRequest, { signal: never });
  expect(files()).toHaveLength(2);
  expect(readFileSync(inUse.path)).toHaveLength(40_000);
  await expect(cache.acquire(a as SourceRequest, { signal: never })).rejects.toMatchObject({ code: 'NODE_REFUSED' });
  inUse.release();
  await cache.acquire(a as SourceRequest, { signal: never });
  expect(requests).toHaveLength(4);
});

test('a copy that does not have the announced hash is SOURCE_CORRUPT and not kept', async () => {
  const request = await original('film', mediaBytes(10_000), { sha256: 'a'.repeat(64) });
  const failure = (await open()).acquire(request, { signal: never });
  await expect(failure).rejects.toMatchObject({ code: 'SOURCE_CORRUPT' });
  expect(files()).toEqual([]);
}, 60_000);

test('one revoked attempt does not stop the download the others wait for; the last one does', async () => {
  const request = await original('film', mediaBytes(200_000));
  const cache = await open();
  const gate = Promise.withResolvers<void>();
  hold = gate.promise;
  const revoked = new AbortController();
  const [first, second] = [
    cache.acquire(request, { signal: revoked.signal }),
    cache.acquire(request, { signal: never }),
  ];
  revoked.abort(new FarmError('LEASE_LOST'));
  await expect(first).rejects.toMatchObject({ code: 'LEASE_LOST' });
  gate.resolve();
  (await second).release();
  const lonely = new AbortController();
  hold = new Promise(() => undefined);
  const third = cache.acquire(await original('other', mediaBytes(50_000)), { signal: lonely.signal });
  const refused = expect(third).rejects.toMatchObject({ code: 'LEASE_LOST' });
  lonely.abort(new FarmError('LEASE_LOST'));
  hold = null;
  // At once: the download nobody waits for any more must not take the new one along.
  const fourth = await cache.acquire(await original('other', mediaBytes(50_000)), { signal: never });
  await refused;
  expect(readFileSync(fourth.path)).toHaveLength(50_000);
});
