import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'minio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MinioServer, startMinio } from '../../../e2e/support/minioServer.ts';
import { codeOf } from './conformanceTools.ts';
import { createBucketRules } from './s3Lifecycle.ts';
import { createS3Store, type S3StoreSettings } from './s3Store.ts';

let folder: string;
let server: MinioServer;
let account: S3StoreSettings;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-lifecycle-'));
  server = await startMinio({ folder });
  const { endpoint, port, accessKey, secretKey } = server;
  account = { endpoint, port, accessKey, secretKey, useSSL: false };
  await createS3Store(account).ready();
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('our rule is written, changed and removed in a real bucket, beside rules of its owner', async () => {
  const rules = createBucketRules(account);
  expect(await rules.read()).toEqual({ own: null, foreignRules: 0 });
  const { endpoint: endPoint, ...rest } = account;
  const client = new Client({ ...rest, endPoint, region: 'us-east-1' });
  const foreign = { ID: 'mine', Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 3 } };
  await client.setBucketLifecycle('videos', { Rule: [foreign as never] });
  const written = await rules.write({ days: 30, abortUploadsAfterDays: 2 });
  expect(written).toMatchObject({ own: { days: 30 }, foreignRules: 1 });
  expect((await rules.write({ days: 9, abortUploadsAfterDays: 2 })).own?.days).toBe(9);
  expect(await rules.write(null)).toEqual({ own: null, foreignRules: 1 });
  const left = await client.getBucketLifecycle('videos');
  expect(left).toMatchObject({ Rule: { ID: 'mine', Expiration: { Days: 3 } } });
});

test('keys that may not do so are refused with a code', async () => {
  const wrong = createBucketRules({ ...account, secretKey: 'not the key of this server' });
  expect(await codeOf(wrong.read())).toBe('STORAGE_REFUSED');
});
