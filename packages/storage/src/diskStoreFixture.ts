import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOnLoopback } from './conformanceServer.ts';
import { createDiskStore, type DiskStore } from './diskStore.ts';

/** A disk store in a temporary folder behind a real HTTP server, for tests. */
export interface DiskStoreFixture {
  /** Temporary folder that disappears with `close`; the store is in `folder` below it. */
  readonly base: string;
  readonly folder: string;
  readonly secret: Buffer;
  readonly baseUrl: string;
  /** The store that answers; a test may put another one in its place. */
  store: DiskStore;
  close(): Promise<void>;
}

export async function openDiskStoreFixture(): Promise<DiskStoreFixture> {
  const base = await mkdtemp(join(tmpdir(), 'reelmill-disk-'));
  const folder = join(base, 'store');
  const secret = randomBytes(32);
  const { baseUrl, close } = await listenOnLoopback(async (request, response) => {
    if (!(await fixture.store.handle(request, response))) response.writeHead(404).end();
  });
  const fixture: DiskStoreFixture = {
    base,
    folder,
    secret,
    baseUrl,
    store: createDiskStore({ folder, secret }),
    async close() {
      await close();
      await rm(base, { recursive: true, force: true });
    },
  };
  await fixture.store.ready();
  return fixture;
}

/** Names of all files below a folder. */
export async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
