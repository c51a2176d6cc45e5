import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** However little changes: what an outsider frees at the same time could hide what tasks write. */
const listAtLeastEveryMs = 60_000;

export interface OwnBytesOptions {
  /** What lies in them belongs to tasks. */
  readonly folders: readonly string[];
  /** Monotonic milliseconds. */
  nowMs(): number;
}

/** How much the folders hold together. */
export interface OwnBytes {
  /**
   * Not further from the truth than `toleranceBytes`: what tasks write or remove is seen in the free bytes of their disk,
   * so the folders are only listed when those have moved.
   */
  read(freeBytes: number, toleranceBytes: number): Promise<number>;
}

export function createOwnBytes({ folders, nowMs }: OwnBytesOptions): OwnBytes {
  let listed: { bytes: number; freeBytes: number; atMs: number } | null = null;
  return {
    async read(freeBytes, toleranceBytes) {
      const isNear =
        listed !== null &&
        Math.abs(freeBytes - listed.freeBytes) <= toleranceBytes &&
        nowMs() - listed.atMs < listAtLeastEveryMs;
      if (isNear && listed !== null) return listed.bytes;
      const sizes = await Promise.all(folders.map(sizeOf));
      listed = { bytes: sizes.reduce((sum, bytes) => sum + bytes, 0), freeBytes, atMs: nowMs() };
      return listed.bytes;
    },
  };
}

/** Tasks come and go meanwhile: what has just gone holds nothing. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
