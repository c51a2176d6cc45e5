import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMinio } from '../../../e2e/support/minioServer.ts';
import { objectStoreConformance } from './conformance.ts';
import { createS3Store } from './s3Store.ts';

objectStoreConformance('MinIO', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-minio-'));
  const server = await startMinio({ folder });
  const { endpoint, port, accessKey, secretKey } = server;
  const settings = { endpoint, port, useSSL: false, accessKey, secretKey };
  const store = createS3Store(settings);
  await store.ready();
  return {
    store,
    lateStore: createS3Store({ ...settings, now: () => Date.now() - 3_600_000 }),
    baseUrl: 'http://unused.invalid',
    close: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
