import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectStoreConformance } from './conformance.ts';
import { listenOnLoopback } from './conformanceServer.ts';
import { createDiskStore } from './diskStore.ts';

objectStoreConformance('disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-disk-store-'));
  const secret = randomBytes(32);
  const store = createDiskStore({ folder, secret });
  await store.ready();
  const { baseUrl, close } = await listenOnLoopback(async (request, response) => {
    if (!(await store.handle(request, response))) response.writeHead(404).end();
  });
  return {
    store,
    lateStore: createDiskStore({ folder, secret, now: () => Date.now() - 3_600_000 }),
    baseUrl,
    close: async () => {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
