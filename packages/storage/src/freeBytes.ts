import { statfs } from 'node:fs/promises';

/** Bytes a process of this user may still write in the file system of `path`. */
export async function freeBytes(path: string): Promise<number> {
  const info = await statfs(path);
  return info.bavail * info.bsize;
}
