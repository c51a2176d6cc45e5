import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Sha256 } from '@reelmill/protocol';
import { z } from 'zod';
import { moveInto, pruneEmptyFolders } from './folders.ts';
import { errnoOf } from './storageErrors.ts';

/** The hash of an object, tied to the very file it was computed of: any other file under that name is unknown. */
const Sidecar = z.object({ sha256: Sha256, inode: z.string(), sizeBytes: z.string(), mtimeNs: z.string() });
type Sidecar = z.infer<typeof Sidecar>;

/**
 * Hashes of objects, remembered beside them. Only a cache: a missing, torn or outdated sidecar means that the hash is
 * computed again, so they are written without syncing.
 */
export class HashSidecars {
  readonly #folder: string;

  readonly #temporaryFolder: string;

  /** @param temporaryFolder on the same file system; swept by its owner */
  constructor(folder: string, temporaryFolder: string) {
    this.#folder = folder;
    this.#temporaryFolder = temporaryFolder;
  }

  /** Records the hash of the file at `path`, which is or will become the object `key`. */
  async write(key: string, path: string, sha256: Sha256): Promise<void> {
    const content = JSON.stringify({ sha256, ...identityOf(await stat(path, { bigint: true })) } satisfies Sidecar);
    const target = this.#pathOf(key);
    const temporary = join(this.#temporaryFolder, randomUUID());
    const move = async (): Promise<void> => {
      await writeFile(temporary, content, { mode: 0o600 });
      await rename(temporary, target);
    };
    try {
      await moveInto(target, move, { sync: false });
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
  }

  /** The recorded hash of the file that `found` describes, or null. */
  async read(key: string, found: BigIntStats): Promise<Sha256 | null> {
    const text = await readFile(this.#pathOf(key), 'utf8').catch((thrown: unknown) => {
      if (errnoOf(thrown) === 'ENOENT') return '';
      throw thrown;
    });
    const parsed = Sidecar.safeParse(jsonOrNull(text));
    if (!parsed.success) return null;
    const now = identityOf(found);
    const same = (['inode', 'sizeBytes', 'mtimeNs'] as const).every((field) => parsed.data[field] === now[field]);
    return same ? parsed.data.sha256 : null;
  }

  async remove(key: string): Promise<void> {
    await this.#removePath(this.#pathOf(key));
  }

  /** Forgets every object under `branch`, a key without its last segments. */
  async removeBranch(branch: string): Promise<void> {
    await this.#removePath(this.#pathOf(branch));
  }

  async #removePath(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true });
    await pruneEmptyFolders(this.#folder, dirname(path));
  }

  #pathOf(key: string): string {
    return join(this.#folder, ...key.split('/'));
  }
}

const identityOf = (found: BigIntStats): Omit<Sidecar, 'sha256'> => ({
  inode: String(found.ino),
  sizeBytes: String(found.size),
  mtimeNs: String(found.mtimeNs),
});

/** JSON, or null for what a crash left torn: the sidecar is then as good as absent. */
function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
