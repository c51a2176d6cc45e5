import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectStoreConformance } from './conformance.ts';
import { createDiskStore } from './diskStore.ts';

objectStoreConformance('disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-disk-store-'));
  const secret = randomBytes(32);
  const store = createDiskStore({ folder, secret });
  await store.ready();
  const server = createServer(async (request, response) => {
    if (!(await store.handle(request, response))) response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    store,
    lateStore: createDiskStore({ folder, secret, now: () => Date.now() - 3_600_000 }),
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
