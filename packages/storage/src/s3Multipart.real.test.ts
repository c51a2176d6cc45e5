import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { FarmError, type SignedPut } from '@reelmill/protocol';
import { Client } from 'minio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MinioServer, startMinio } from '../../../e2e/support/minioServer.ts';
import { rawRequest } from './conformanceOfSignedUrls.ts';
import { codeOf, freshKey } from './conformanceTools.ts';
import { downloadSigned } from './downloadSigned.ts';
import { sha256OfBytes } from './hashing.ts';
import type { ObjectStore } from './objectStore.ts';
import { createS3Store, type S3StoreSettings } from './s3Store.ts';
import { uploadSigned } from './uploadSigned.ts';

const mebibyte = 1024 ** 2;
const bytes = randomBytes(12 * mebibyte);
const object = { sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) };
const bound = { ttlSeconds: 60, baseUrl: '', ...object };
const quick = { tries: 2, firstDelayMs: 1 };
let folder: string;
let source: string;
let server: MinioServer;
let settings: S3StoreSettings;
let store: ObjectStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-multipart-'));
  source = join(folder, 'source');
  await writeFile(source, bytes);
  server = await startMinio({ folder: join(folder, 'minio') });
  const { endpoint, port, accessKey, secretKey } = server;
  settings = { endpoint, port, accessKey, secretKey, useSSL: false, partSizeBytes: 5 * mebibyte, retry: quick };
  store = createS3Store({ ...settings, multipartThresholdBytes: 5 * mebibyte });
  await store.ready();
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const multipartOf = (put: SignedPut): NonNullable<SignedPut['multipart']> => {
  if (put.multipart === null) throw new Error('expected a multipart upload');
  return put.multipart;
};
const unfinishedUploads = async (key: string): Promise<unknown[]> => {
  const { endpoint, port, accessKey, secretKey } = server;
  const client = new Client({ endPoint: endpoint, port, accessKey, secretKey, useSSL: false, region: 'us-east-1' });
  const found: unknown[] = [];
  for await (const upload of client.listIncompleteUploads('videos', key, true)) found.push(upload);
  return found;
};

test('an object above the threshold travels in parts and comes back whole, hash checked', async () => {
  const key = freshKey();
  const put = await store.signPut(key, bound);
  expect(multipartOf(put).partUrls.length).toBe(3);
  const progress: number[] = [];
  await uploadSigned(put, source, { ...object, onBytes: (done) => progress.push(done) });
  expect(progress.at(-1)).toBe(bytes.length);
  expect(await store.head(key)).toEqual({ key, ...object });
  const get = await store.signGet(key, { ttlSeconds: 60, baseUrl: '', sha256: null });
  expect(await downloadSigned(get, join(folder, 'back'))).toEqual(object);
  const promoted = freshKey();
  await store.promote(key, promoted);
  expect(await store.getFile(promoted, join(folder, 'promoted'), { sha256: object.sha256 })).toEqual(object);
  await store.removePrefix(key.slice(0, key.lastIndexOf('/') + 1));
  expect(await store.head(key)).toBeNull();
});

test('the house writes large files in parts as well', async () => {
  const key = freshKey();
  expect(await store.putFile(key, source)).toEqual(object);
  expect(await store.getFile(key, join(folder, 'house'), { sha256: object.sha256 })).toEqual(object);
});

test('a part of another length, an unsigned part and an early completion are refused', async () => {
  const key = freshKey();
  const put = await store.signPut(key, bound);
  const { partUrls, completeUrl } = multipartOf(put);
  const shorter = { headers: { 'content-length': '1000' }, body: bytes.subarray(0, 1000) };
  expect((await rawRequest('PUT', partUrls[0] ?? '', shorter)).status).toBe(403);
  expect((await rawRequest('PUT', (partUrls[0] ?? '').replace('partNumber=1', 'partNumber=2'), shorter)).status).toBe(
    403,
  );
  expect((await rawRequest('POST', completeUrl, { body: Buffer.from('<CompleteMultipartUpload/>') })).status).toBe(400);
  expect(await store.head(key)).toBeNull();
  expect((await unfinishedUploads(key)).length).toBe(1);
  await store.remove(key);
  expect(await unfinishedUploads(key)).toEqual([]);
});

test('other bytes in a part are found on reading', async () => {
  const key = freshKey();
  const put = await store.signPut(key, bound);
  const { partUrls } = multipartOf(put);
  const swapped = {
    ...put,
    multipart: { ...multipartOf(put), partUrls: [partUrls[1] ?? '', partUrls[0] ?? '', partUrls[2] ?? ''] },
  };
  expect(await codeOf(uploadSigned(swapped, source, { ...object, retry: quick }))).not.toBe('no error');
  const lie = Buffer.from(bytes).fill(0, 100, 200);
  await writeFile(join(folder, 'lie'), lie);
  await uploadSigned(put, join(folder, 'lie'), { sizeBytes: lie.length, sha256: sha256OfBytes(lie) });
  expect(await codeOf(store.getFile(key, join(folder, 'read'), { sha256: object.sha256 }))).toBe('STORAGE_CORRUPT');
});

test('errors never hold keys, signatures or URLs', async () => {
  const { secretKey, accessKey } = settings;
  const wrong = [
    { ...settings, secretKey: `${secretKey}x` },
    { ...settings, accessKey: `${accessKey}x` },
    { ...settings, port: 1 },
  ];
  const codes: string[] = [];
  for (const changed of wrong) {
    const broken = createS3Store(changed);
    const calls: (() => Promise<unknown>)[] = [
      () => broken.ready(),
      () => broken.putBytes(freshKey(), Buffer.from('x')),
      () => broken.putFile(freshKey(), source),
      () => broken.get(freshKey()),
      () => broken.list('videos/'),
      () => broken.promote(freshKey(), freshKey()),
      () => broken.removePrefix('videos/'),
    ];
    for (const call of calls) {
      const thrown = await call().then(
        () => null,
        (error: unknown) => error,
      );
      codes.push(thrown instanceof FarmError ? thrown.code : String(thrown));
      const shown = inspect(thrown, { depth: 10, showHidden: true });
      for (const secret of [secretKey, accessKey, 'Signature=', 'X-Amz']) expect(shown).not.toContain(secret);
    }
  }
  expect(new Set(codes.slice(0, 14))).toEqual(new Set(['STORAGE_REFUSED']));
  expect(new Set(codes.slice(14))).toEqual(new Set(['STORAGE_UNREACHABLE']));
});

test('a store that was away for a moment is waited for', async () => {
  const { port, accessKey, secretKey } = server;
  await server.stop();
  const restarted = Promise.withResolvers<void>();
  const onRetry = (): void => {
    startMinio({ folder: join(folder, 'minio'), port, accessKey, secretKey }).then((again) => {
      server = again;
      restarted.resolve();
    }, restarted.reject);
  };
  let retries = 0;
  const retry = {
    tries: 60,
    firstDelayMs: 500,
    maximumDelayMs: 500,
    onRetry: () => (retries++ === 0 ? onRetry() : undefined),
  };
  const key = freshKey();
  await createS3Store({ ...settings, retry }).putBytes(key, Buffer.from('patience'));
  await restarted.promise;
  expect(await store.head(key)).toMatchObject({ sizeBytes: 8 });
});
