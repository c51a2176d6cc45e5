import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FarmError, type Sha256 } from '@reelmill/protocol';
import { moveInto, pruneEmptyFolders, syncPath } from './folders.ts';
import { createHashMeter, sha256OfFile } from './hashing.ts';
import { HashSidecars } from './hashSidecars.ts';
import { assertObjectKey, assertObjectPrefix, assertRemovablePrefix } from './objectKeys.ts';
import type { ObjectInfo } from './objectStore.ts';
import { corrupt, errnoOf, notFound } from './storageErrors.ts';

/** Bytes that were written and synced under a name no reader sees. Ends by `commit` or `discard`. */
export interface StagedObject {
  readonly sizeBytes: number;
  readonly sha256: Sha256;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

export interface StageOptions {
  readonly signal?: AbortSignal | undefined;
  /** Refuses other bytes with STORAGE_CORRUPT before anything becomes visible. */
  readonly expected?: { readonly sizeBytes: number; readonly sha256: Sha256 };
}

const linkUnsupported = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'UNKNOWN']);

/**
 * Objects as plain files under `folder`, named by their keys, so that ffmpeg can read them in place. A write goes to
 * `.incoming`, is synced, and is then renamed: readers see all of an object or nothing of it, also after power loss.
 */
export class DiskFiles {
  readonly folder: string;
  readonly #incoming: string;
  readonly #sidecars: HashSidecars;
  readonly #linkFile: typeof link;

  constructor(folder: string, options: { linkFile?: typeof link } = {}) {
    this.folder = folder;
    this.#incoming = join(folder, '.incoming');
    this.#sidecars = new HashSidecars(join(folder, '.sha256'), this.#incoming);
    this.#linkFile = options.linkFile ?? link;
  }

  /** Absolute path of an object; throws `BugError` for anything that is not a key. */
  pathOf(key: string): string {
    assertObjectKey(key);
    return join(this.folder, ...key.split('/'));
  }

  /** Makes the folders and sweeps what a crash left half-written. */
  async ready(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await rm(this.#incoming, { recursive: true, force: true });
    await mkdir(this.#incoming, { mode: 0o700 });
  }

  async stage(key: string, source: Readable, options: StageOptions = {}): Promise<StagedObject> {
    const target = this.pathOf(key);
    const temporary = this.#temporaryPath();
    const meter = createHashMeter();
    try {
      const output = createWriteStream(temporary, { flags: 'wx', mode: 0o600, flush: true });
      await pipeline(source, meter.stream, output, { signal: options.signal });
      const written = { sizeBytes: meter.sizeBytes(), sha256: meter.sha256() };
      const expected = options.expected;
      if (expected && (written.sizeBytes !== expected.sizeBytes || written.sha256 !== expected.sha256)) {
        throw corrupt(key, { expected: expected.sha256, received: written.sha256 });
      }
      const commit = async (): Promise<void> => {
        await this.#sidecars.write(key, temporary, written.sha256);
        await moveInto(target, () => rename(temporary, target), { sync: true });
      };
      return { ...written, commit, discard: () => rm(temporary, { force: true }) };
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
  }

  /** Size, and the hash where it is on record. */
  async info(key: string): Promise<ObjectInfo | null> {
    const found = await statOrNull(this.pathOf(key));
    if (!found?.isFile()) return null;
    return { key, sizeBytes: Number(found.size), sha256: await this.#sidecars.read(key, found) };
  }

  /** Like `info`, but a hash that is not on record is computed and recorded. */
  async infoWithHash(key: string, signal?: AbortSignal): Promise<(ObjectInfo & { sha256: Sha256 }) | null> {
    const known = await this.info(key);
    if (known === null) return null;
    if (known.sha256 !== null) return { ...known, sha256: known.sha256 };
    const { sha256 } = await sha256OfFile(this.pathOf(key), signal ? { signal } : {});
    await this.#sidecars.write(key, this.pathOf(key), sha256);
    return { ...known, sha256 };
  }

  /** Gives an object a second key by a hard link, where the file system has links. */
  async promote(from: string, to: string, signal?: AbortSignal): Promise<void> {
    const origin = await this.infoWithHash(from, signal);
    if (origin === null) throw notFound(from);
    const target = this.pathOf(to);
    try {
      await moveInto(target, () => this.#linkFile(this.pathOf(from), target), { sync: true });
      await this.#sidecars.write(to, target, origin.sha256);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === 'EEXIST') return await this.#assertSameContent(to, origin.sha256, signal);
      if (errno === null || !linkUnsupported.has(errno)) throw thrown;
      await this.#copyInto(from, to, origin.sha256);
    }
  }

  /** In order of their keys; sizes only, since hashes would need one more read each. */
  async list(prefix: string): Promise<ObjectInfo[]> {
    const infos = await Promise.all((await this.#keysUnder(prefix)).map((key) => this.#sizeOf(key)));
    return infos.filter((found) => found !== null);
  }

  async remove(key: string): Promise<void> {
    await rm(this.pathOf(key), { force: true });
    await this.#sidecars.remove(key);
    await pruneEmptyFolders(this.folder, dirname(this.pathOf(key)));
  }

  async removePrefix(prefix: string): Promise<void> {
    assertRemovablePrefix(prefix);
    if (!prefix.endsWith('/')) {
      for (const key of await this.#keysUnder(prefix)) await this.remove(key);
      return;
    }
    const branch = prefix.slice(0, -1);
    await rm(this.pathOf(branch), { recursive: true, force: true });
    await this.#sidecars.removeBranch(branch);
    await pruneEmptyFolders(this.folder, dirname(this.pathOf(branch)));
  }

  async #assertSameContent(to: string, sha256: Sha256, signal?: AbortSignal): Promise<void> {
    if ((await this.infoWithHash(to, signal))?.sha256 === sha256) return;
    const message = `The object ${to} exists with other content; it is not replaced.`;
    throw new FarmError('STORAGE_REFUSED', { message, details: { key: to } });
  }

  async #copyInto(from: string, to: string, sha256: Sha256): Promise<void> {
    if ((await this.info(to)) !== null) return await this.#assertSameContent(to, sha256);
    const temporary = this.#temporaryPath();
    try {
      await copyFile(this.pathOf(from), temporary);
      await syncPath(temporary);
      await this.#sidecars.write(to, temporary, sha256);
      await moveInto(this.pathOf(to), () => rename(temporary, this.pathOf(to)), { sync: true });
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #sizeOf(key: string): Promise<ObjectInfo | null> {
    const found = await statOrNull(this.pathOf(key));
    return found?.isFile() ? { key, sizeBytes: Number(found.size), sha256: null } : null;
  }

  async #keysUnder(prefix: string): Promise<string[]> {
    assertObjectPrefix(prefix);
    const keys: string[] = [];
    await walk(this.folder, prefix.slice(0, prefix.lastIndexOf('/') + 1), keys);
    return keys.filter((key) => key.startsWith(prefix)).sort();
  }

  #temporaryPath(): string {
    return join(this.#incoming, randomUUID());
  }
}

async function walk(root: string, branch: string, keys: string[]): Promise<void> {
  const entries = await readdir(join(root, branch), { withFileTypes: true }).catch((thrown: unknown) => {
    const errno = errnoOf(thrown);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return [];
    throw thrown;
  });
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) await walk(root, `${branch}${entry.name}/`, keys);
    else if (entry.isFile()) keys.push(branch + entry.name);
  }
}

async function statOrNull(path: string) {
  return await stat(path, { bigint: true }).catch((thrown: unknown) => {
    const errno = errnoOf(thrown);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return null;
    throw thrown;
  });
}
