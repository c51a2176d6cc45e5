import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskMarksOf, isDiskLow, type NodeDisk, once } from '@reelmill/protocol';

export interface DiskWatchOptions {
  /** The disk of this folder is watched. */
  readonly folder: string;
  /** What lies in them belongs to tasks, and is room for tasks. */
  readonly ownFolders: readonly string[];
  /** Nothing new below so much; null: by the size of the disk. */
  readonly minFreeBytes: number | null;
  /** The disk is low: gives back what nobody uses until `isEnough`. */
  evict(isEnough: () => Promise<boolean>): Promise<void>;
}

/** Tells how much this node's disk can take, and when it can take nothing. */
export interface DiskWatch {
  read(): Promise<NodeDisk & { readonly freeBytes: number }>;
  /** As it was last read. */
  isLow(): boolean;
  /** A task met a full disk, whatever was read before. */
  noteFull(): void;
}

export function createDiskWatch({ folder, ownFolders, minFreeBytes, evict }: DiskWatchOptions): DiskWatch {
  const storage = once(() => import('@reelmill/storage'));
  let low = false;
  const look = async () => {
    const { freeBytes, totalBytes } = await (await storage()).diskSpace(folder);
    return { freeBytes, marks: diskMarksOf(totalBytes, minFreeBytes) };
  };
  const judge = async (): Promise<number> => {
    const { freeBytes, marks } = await look();
    low = isDiskLow(low, freeBytes, marks);
    return freeBytes;
  };
  return {
    async read() {
      let freeBytes = await judge();
      if (low) {
        await evict(async () => {
          freeBytes = await judge();
          return !low;
        });
      }
      const own = await Promise.all(ownFolders.map(sizeOf));
      return { freeBytes, roomBytes: own.reduce((sum, bytes) => sum + bytes, freeBytes), low };
    },
    isLow: () => low,
    noteFull() {
      low = true;
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
