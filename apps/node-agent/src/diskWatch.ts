import { diskMarksOf, isDiskLow, type NodeDisk, once } from '@reelmill/protocol';
import { createOwnBytes } from './ownBytes.ts';

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

/** Of the low mark: usually 32 MiB. */
const toleratedShare = 1 / 32;

export function createDiskWatch({ folder, ownFolders, minFreeBytes, evict }: DiskWatchOptions): DiskWatch {
  const storage = once(() => import('@reelmill/storage'));
  const own = createOwnBytes({ folders: ownFolders, nowMs: () => performance.now() });
  let low = false;
  const look = async () => {
    const { freeBytes, totalBytes } = await (await storage()).diskSpace(folder);
    return { freeBytes, marks: diskMarksOf(totalBytes, minFreeBytes) };
  };
  const judge = async () => {
    const { freeBytes, marks } = await look();
    low = isDiskLow(low, freeBytes, marks);
    return { freeBytes, toleranceBytes: marks.lowBytes * toleratedShare };
  };
  return {
    async read() {
      let seen = await judge();
      if (low) {
        await evict(async () => {
          seen = await judge();
          return !low;
        });
      }
      const { freeBytes, toleranceBytes } = seen;
      return { freeBytes, roomBytes: freeBytes + (await own.read(freeBytes, toleranceBytes)), low };
    },
    isLow: () => low,
    noteFull() {
      low = true;
    },
  };
}
