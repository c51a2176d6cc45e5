import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Sha256, SignedGet, SourceIdentity } from '@reelmill/protocol';
import { DiskFiles } from './diskFiles.ts';
import { freeBytes } from './freeBytes.ts';
import { createObjectDoor, originalSegment } from './objectDoor.ts';
import type { ObjectStore } from './objectStore.ts';
import { readIntoFile } from './readIntoFile.ts';
import { sealSource } from './sealedSource.ts';
import { signClaims } from './signedUrls.ts';
import { notFound, shaped, toStorageError } from './storageErrors.ts';

export interface DiskStoreSettings {
  /** Folder of the objects; made by `ready`. One process at a time. */
  readonly folder: string;
  /** Signs URLs; keep it across restarts, else URLs handed out before are refused. At least 32 random bytes. */
  readonly secret: Uint8Array;
  /** Path under which the host mounts `handle`; default `/objects`. */
  readonly baseUrlPath?: string;
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly now?: () => number;
}

/** The embedded store: objects on this disk, and a signed HTTP door for agents. */
export interface DiskStore extends ObjectStore {
  readonly kind: 'embedded';
  localPath(key: string): string;
  freeBytes(): Promise<number>;
  /**
   * Serves the signed door; true when the URL was its own. Uploads may last: the HTTP server must set
   * `requestTimeout = 0`, idle uploads end after 60 s by themselves.
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /**
   * URL for reading one original in place, never copied: refused once its size, mtime or inode differ from
   * `identity`. The path is sealed, the reader does not learn it.
   */
  signOriginal(
    path: string,
    identity: SourceIdentity,
    options: { ttlSeconds: number; baseUrl: string; sha256: Sha256 | null },
  ): SignedGet;
}

/** The embedded store on `folder`. Errors: see {@link ObjectStore}. */
export function createDiskStore(settings: DiskStoreSettings): DiskStore {
  const { folder, secret, baseUrlPath = '/objects', now = Date.now } = settings;
  const files = new DiskFiles(folder);
  const nowSeconds = (): number => Math.floor(now() / 1000);
  const urlOf = (baseUrl: string, rest: string): string => `${baseUrl.replace(/\/+$/, '')}${baseUrlPath}/${rest}`;

  async function put(key: string, source: Readable, signal: AbortSignal | undefined) {
    const staged = await files.stage(key, source, { signal });
    await staged.commit().finally(() => staged.discard());
    return { sizeBytes: staged.sizeBytes, sha256: staged.sha256 };
  }

  return {
    kind: 'embedded',
    handle: createObjectDoor({ files, secret, baseUrlPath, nowSeconds }),
    ready: () => shaped('', () => files.ready()),
    putFile: (key, path, options) => shaped(key, () => put(key, createReadStream(path), options?.signal)),
    putBytes: (key, bytes, options) =>
      shaped(key, async () => {
        const { sha256 } = await put(key, Readable.from([bytes], { objectMode: false }), options?.signal);
        return { sha256 };
      }),
    async get(key, options = {}) {
      const handle = await open(files.pathOf(key), 'r').catch((thrown: unknown) => {
        throw toStorageError(thrown, key);
      });
      const range = options.range ? { start: options.range.start, end: options.range.end - 1 } : {};
      return handle.createReadStream({ ...range, ...(options.signal ? { signal: options.signal } : {}) });
    },
    getFile: (key, path, { sha256, signal } = {}) =>
      shaped(key, async () => await readIntoFile(createReadStream(files.pathOf(key)), { key, path, sha256, signal })),
    head: (key, options) => shaped(key, () => files.infoWithHash(key, options?.signal)),
    list: (prefix) => shaped(prefix, () => files.list(prefix)),
    promote: (from, to, options) => shaped(from, () => files.promote(from, to, options?.signal)),
    remove: (key) => shaped(key, () => files.remove(key)),
    removePrefix: (prefix) => shaped(prefix, () => files.removePrefix(prefix)),
    async signGet(key, { ttlSeconds, baseUrl, sha256 }) {
      const info = await shaped(key, () => files.info(key));
      if (info === null) throw notFound(key);
      const query = signClaims(secret, { method: 'GET', key, expiresAtSeconds: nowSeconds() + ttlSeconds });
      return { url: `${urlOf(baseUrl, key)}?${query}`, sizeBytes: info.sizeBytes, sha256: sha256 ?? info.sha256 };
    },
    async signPut(key, { ttlSeconds, baseUrl, sizeBytes, sha256 }) {
      files.pathOf(key);
      const expiresAtSeconds = nowSeconds() + ttlSeconds;
      const query = signClaims(secret, { method: 'PUT', key, expiresAtSeconds, sizeBytes, sha256 });
      const headers = { 'content-length': String(sizeBytes) };
      return { key, url: `${urlOf(baseUrl, key)}?${query}`, headers, multipart: null };
    },
    signOriginal(path, identity, { ttlSeconds, baseUrl, sha256 }) {
      const expiresAtSeconds = nowSeconds() + ttlSeconds;
      const token = sealSource(secret, { identity: { ...identity, path }, expiresAtSeconds });
      return { url: urlOf(baseUrl, `${originalSegment}/${token}`), sizeBytes: identity.sizeBytes, sha256 };
    },
    localPath: (key) => files.pathOf(key),
    freeBytes: () => shaped('', () => freeBytes(folder)),
  };
}
