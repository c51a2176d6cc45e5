import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeId } from '@reelmill/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';

const KeyFile = z.record(NodeId, z.string().regex(/^[0-9a-f]{64}$/));

const isMissing = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'ENOENT';

/** One key per joined node, kept in `{dataDir}/node-keys.json` (mode 0600). */
export class NodeKeys {
  readonly #path: string;
  readonly #keys: Map<NodeId, string>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, keys: Map<NodeId, string>) {
    this.#path = path;
    this.#keys = keys;
  }

  /** A file that cannot be understood is put aside: agents then prove the join token once more. */
  static async open(dataDir: string, logger: Logger): Promise<NodeKeys> {
    const path = join(dataDir, 'node-keys.json');
    try {
      const keys = KeyFile.parse(JSON.parse(await readFile(path, 'utf8')));
      return new NodeKeys(path, new Map(Object.entries(keys) as [NodeId, string][]));
    } catch (cause) {
      if (!isMissing(cause)) {
        logger.warn({ path, cause: String(cause) }, 'the node keys cannot be read and are put aside');
        await rename(path, `${path}.bad`);
      }
      return new NodeKeys(path, new Map());
    }
  }

  get(nodeId: NodeId): string | undefined {
    return this.#keys.get(nodeId);
  }

  values(): Iterable<string> {
    return this.#keys.values();
  }

  /** Resolves once the key is on disk; writes are one after the other. */
  async keep(nodeId: NodeId, key: string): Promise<void> {
    this.#keys.set(nodeId, key);
    await this.#save();
  }

  async forget(nodeId: NodeId): Promise<void> {
    if (this.#keys.delete(nodeId)) await this.#save();
  }

  #save(): Promise<void> {
    const write = async (): Promise<void> => {
      const temporary = `${this.#path}.part`;
      await writeFile(temporary, JSON.stringify(Object.fromEntries(this.#keys), null, 1), { mode: 0o600 });
      await rename(temporary, this.#path);
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}
