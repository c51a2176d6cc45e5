import { statfs } from 'node:fs/promises';

export interface DiskSpace {
  /** What a process of this user may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Of the file system of `path`. The one place that asks the system. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** Bytes a process of this user may still write in the file system of `path`. */
export const freeBytes = async (path: string): Promise<number> => (await diskSpace(path)).freeBytes;
