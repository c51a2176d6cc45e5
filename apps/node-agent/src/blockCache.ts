import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FarmError, type Sha256, type SignedGet } from '@reelmill/protocol';
import { downloadSigned, freeBytes, sha256OfFile } from '@reelmill/storage';
import type { Logger } from 'pino';

export interface SourceRequest {
  readonly sourceId: string;
  readonly extension: string;
  readonly get: SignedGet;
}

export interface CachedSource {
  readonly path: string;
  /** Hash of the copy as it lies on this disk. */
  readonly sha256: Sha256;
  /** The file may go from now on. Call exactly once. */
  release(): void;
}

export interface BlockCacheOptions {
  readonly folder: string;
  readonly maxBytes: number;
  readonly log: Logger;
  /** Told every byte that came over the network. */
  onDownloaded?(bytes: number): void;
}

export interface BlockCache {
  /**
   * A local copy of a whole source, fetched once however many attempts want it, hash-checked where the hash is known.
   * @throws FarmError NODE_REFUSED when it cannot fit, SOURCE_CORRUPT, and what the download throws.
   */
  acquire(
    request: SourceRequest,
    options: { signal: AbortSignal; onBytes?: (doneBytes: number) => void },
  ): Promise<CachedSource>;
  usedBytes(): number;
  /** Removes copies nobody uses, the oldest first, until it is enough. */
  evict(isEnough: () => boolean | Promise<boolean>): Promise<void>;
}

interface Entry {
  readonly name: string;
  sizeBytes: number;
  /** Set once the bytes on disk are known to be good in this process. */
  sha256: Sha256 | null;
  loading: Promise<void> | null;
  readonly abort: AbortController;
  readonly listeners: Set<(doneBytes: number) => void>;
  users: number;
  lastUsed: number;
}

interface Sidecar {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

const sidecarSuffix = '.json';
/** Names come from the network: hashed, so that none can leave the folder. */
const nameOf = ({ sourceId, extension }: SourceRequest): string =>
  `${createHash('sha256').update(sourceId).digest('hex').slice(0, 40)}.${extension.replace(/[^a-z0-9]/gi, '').slice(0, 8) || 'bin'}`;

/** Opens the cache: whole files of earlier runs are kept and checked at first use, anything else is removed. */
export async function createBlockCache(options: BlockCacheOptions): Promise<BlockCache> {
  await mkdir(options.folder, { recursive: true });
  const entries = await readEntries(options.folder);
  let clock = 0;
  for (const entry of entries.values()) clock = Math.max(clock, entry.lastUsed);

  const pathOf = (entry: Entry): string => join(options.folder, entry.name);
  const usedBytes = (): number => [...entries.values()].reduce((sum, entry) => sum + entry.sizeBytes, 0);

  /** Its successor, if there is one, owns the name already. */
  const drop = async (entry: Entry): Promise<void> => {
    const owner = entries.get(entry.name);
    if (owner !== undefined && owner !== entry) return;
    entries.delete(entry.name);
    await rm(pathOf(entry) + sidecarSuffix, { force: true });
    await rm(pathOf(entry), { force: true });
  };

  const evict: BlockCache['evict'] = async (isEnough) => {
    const idle = [...entries.values()].filter((entry) => entry.users === 0).sort((a, b) => a.lastUsed - b.lastUsed);
    for (const entry of idle) {
      if (await isEnough()) return;
      if (entry.users > 0) continue;
      options.log.info({ file: entry.name, sizeBytes: entry.sizeBytes }, 'a cached source made room');
      await drop(entry);
    }
  };

  const makeRoom = async (wanted: number): Promise<void> => {
    const fits = (): boolean => usedBytes() + wanted <= options.maxBytes;
    await evict(async () => fits() && (await freeBytes(options.folder)) >= wanted);
    if (!fits()) throw tooLarge(wanted, options.maxBytes);
  };

  const download = async (entry: Entry, get: SignedGet): Promise<void> => {
    let counted = 0;
    const onBytes = (done: number): void => {
      options.onDownloaded?.(Math.max(0, done - counted));
      counted = done;
      for (const listener of entry.listeners) listener(done);
    };
    const got = await downloadSigned(get, pathOf(entry), { signal: entry.abort.signal, onBytes });
    entry.sha256 = got.sha256;
    await writeFile(pathOf(entry) + sidecarSuffix, JSON.stringify(got satisfies Sidecar));
  };

  /** A copy that an earlier run left is good when its bytes still have the hash they had. */
  const verify = async (entry: Entry, get: SignedGet): Promise<boolean> => {
    const sidecar = await readSidecar(pathOf(entry));
    const wanted = get.sha256 ?? sidecar?.sha256;
    if (sidecar === null || entry.sizeBytes !== get.sizeBytes || sidecar.sha256 !== wanted) return false;
    const { sha256 } = await sha256OfFile(pathOf(entry));
    if (sha256 !== wanted) return false;
    entry.sha256 = sha256;
    return true;
  };

  const load = async (entry: Entry, get: SignedGet, known: boolean): Promise<void> => {
    try {
      if (known && (await verify(entry, get))) return;
      entry.sizeBytes = 0;
      await makeRoom(get.sizeBytes);
      entry.sizeBytes = get.sizeBytes;
      await download(entry, get);
    } catch (cause) {
      await drop(entry);
      if (cause instanceof FarmError && cause.code === 'STORAGE_CORRUPT')
        throw new FarmError('SOURCE_CORRUPT', { cause });
      throw cause;
    }
  };

  const isUsable = (entry: Entry, get: SignedGet): boolean => {
    if (entry.abort.signal.aborted) return false;
    if (entry.sha256 === null) return entry.loading !== null;
    return get.sha256 === null || get.sha256 === entry.sha256;
  };

  const entryFor = (request: SourceRequest): Entry => {
    const name = nameOf(request);
    const found = entries.get(name);
    if (found !== undefined && isUsable(found, request.get)) return found;
    const entry = newEntry(name, found?.sizeBytes ?? 0);
    entries.set(name, entry);
    // A user from the start: makeRoom must not take the file that is being made.
    entry.users += 1;
    const settled = found?.loading?.catch(() => undefined) ?? Promise.resolve();
    entry.loading = settled
      .then(() => load(entry, request.get, found !== undefined))
      .finally(() => {
        entry.loading = null;
        entry.users -= 1;
      });
    return entry;
  };

  return {
    usedBytes,
    evict,
    async acquire(request, { signal, onBytes }) {
      signal.throwIfAborted();
      const entry = entryFor(request);
      entry.users += 1;
      let released = false;
      const release = (): void => {
        if (released) return;
        released = true;
        entry.users -= 1;
        // Only the download itself still holds it: nobody waits for these bytes any more.
        if (entry.loading !== null && entry.users === 1) entry.abort.abort(new FarmError('CANCELED'));
      };
      if (onBytes !== undefined) entry.listeners.add(onBytes);
      try {
        if (entry.loading !== null) await unlessAborted(entry.loading, signal);
        if (entry.sha256 === null) throw new FarmError('SOURCE_CORRUPT');
      } catch (cause) {
        release();
        throw cause;
      } finally {
        if (onBytes !== undefined) entry.listeners.delete(onBytes);
      }
      clock += 1;
      entry.lastUsed = clock;
      const now = new Date();
      await utimes(pathOf(entry), now, now);
      return { path: pathOf(entry), sha256: entry.sha256, release };
    },
  };
}

const newEntry = (name: string, sizeBytes: number, lastUsed = 0): Entry => ({
  name,
  sizeBytes,
  sha256: null,
  loading: null,
  abort: new AbortController(),
  listeners: new Set(),
  users: 0,
  lastUsed,
});

const tooLarge = (wanted: number, maxBytes: number): FarmError =>
  new FarmError('NODE_REFUSED', {
    message: `The source (${wanted} bytes) does not fit into this node's cache of ${maxBytes} bytes.`,
    details: { wanted, maxBytes },
  });

/** The shared download goes on when one of several waiters gives up. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function readSidecar(path: string): Promise<Sidecar | null> {
  try {
    return JSON.parse(await readFile(path + sidecarSuffix, 'utf8')) as Sidecar;
  } catch {
    // Missing or cut off by a crash: the copy is not trusted.
    return null;
  }
}

async function readEntries(folder: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  const names = new Set(await readdir(folder));
  for (const name of names) {
    if (name.endsWith(sidecarSuffix) && names.has(name.slice(0, -sidecarSuffix.length))) continue;
    const path = join(folder, name);
    const facts = await stat(path);
    if (names.has(name + sidecarSuffix)) entries.set(name, newEntry(name, facts.size, facts.mtimeMs));
    else await rm(path, { recursive: true, force: true });
  }
  return entries;
}
