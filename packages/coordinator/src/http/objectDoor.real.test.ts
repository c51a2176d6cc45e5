import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiskStore, type DiskStore, downloadSigned, uploadSigned } from '@reelmill/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDoors, type TestDoors } from '../gateway/testing/testDoors.ts';

let folder: string;
let store: DiskStore;
let open: TestDoors;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-objects-'));
  store = createDiskStore({ folder: join(folder, 'store'), secret: randomBytes(32) });
  await store.ready();
  open = await openTestDoors({ objectDoor: (request, response) => store.handle(request, response) });
});
afterAll(async () => {
  await open.close();
  await rm(folder, { recursive: true, force: true });
});

test('a signed PUT and GET pass the door without any credential, streamed and hash-checked', async () => {
  const bytes = randomBytes(5_000_000);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const source = join(folder, 'chunk.mp4');
  await writeFile(source, bytes);
  const { signal } = new AbortController();
  const key = 'videos/J-aaaaaaaaaa/attempts/t/1-x';
  const wish = { ttlSeconds: 60, baseUrl: open.url, sizeBytes: bytes.length, sha256 };
  const put = await store.signPut(key, wish);
  await uploadSigned(put, source, { sha256, sizeBytes: bytes.length, signal, onBytes: () => undefined });
  const get = await store.signGet(key, { ttlSeconds: 60, baseUrl: open.url, sha256 });
  const copy = await downloadSigned(get, join(folder, 'copy.mp4'), { signal, onBytes: () => undefined });
  expect(copy).toEqual({ sha256, sizeBytes: bytes.length });
});

test('an address without its signature opens nothing', async () => {
  const response = await fetch(`${open.url}/objects/videos/J-aaaaaaaaaa/attempts/t/1-x`);
  expect([401, 403]).toContain(response.status);
});
