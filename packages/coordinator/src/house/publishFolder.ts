import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Sha256 } from '@reelmill/protocol';
import type { PublishedOutput } from '@reelmill/scheduler';
import { foldName, freeName, namesIn } from '../intake/freeName.ts';
import { unwritable } from '../intake/writableFolder.ts';
import { codeOf } from './fileErrors.ts';
import { hashFile } from './hashFile.ts';
import { syncPath } from './publishFile.ts';

export interface FolderDigest {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

export interface FolderFile extends FolderDigest {
  readonly name: string;
}

/** The files of a folder, by name. */
export async function folderFiles(folder: string, signal: AbortSignal): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  for (const name of (await readdir(folder)).sort()) {
    files.push({ name, ...(await hashFile(join(folder, name), { signal })) });
  }
  return files;
}

/** SHA-256 of what `sha256sum *` prints in a folder of files, and the bytes of all. */
export const folderDigest = async (folder: string, signal: AbortSignal): Promise<FolderDigest> =>
  digestOf(await folderFiles(folder, signal));

/** The same of files that were hashed before. Pure. */
export function digestOf(files: readonly FolderFile[]): FolderDigest {
  const lines = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  return {
    sha256: createHash('sha256').update(lines.join('')).digest('hex'),
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

/** What an earlier try had published before the coordinator ended; null: nothing, or something else stands there. */
export async function publishedBefore(noted: PublishedOutput | undefined, signal: AbortSignal) {
  if (noted === undefined) return null;
  const found = await stat(noted.path).catch(() => null); // nothing there: the try ended before the name was given
  if (!found?.isDirectory()) return null;
  const digest = await folderDigest(noted.path, signal).catch(() => null); // what cannot be read is not ours
  signal.throwIfAborted();
  return digest?.sha256 === noted.sha256 ? { path: noted.path, digest } : null;
}

export interface PublishFolderRequest {
  /** The finished, verified folder, beside its future name. Gone when this resolves. */
  readonly partPath: string;
  /** Absolute path wanted; the next free name is taken where it exists. */
  readonly wantedPath: string;
  /** Endings of files that will stand beside it: a name is free when these are, too. */
  readonly companions?: readonly string[];
  /** Path journaled by an earlier try of the same publication, or null. */
  readonly notedPath: string | null;
  /** Journals the path before the folder appears under it. */
  note(path: string): Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Gives the finished folder its final name, all at once and without overwriting anything: `mkdir` fails where a name
 * exists, and only that empty folder of ours is replaced by `rename`, which refuses where somebody put a file into it.
 * @throws FarmError OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function publishFolder(request: PublishFolderRequest): Promise<string> {
  const { partPath, wantedPath, notedPath, signal } = request;
  const folder = dirname(wantedPath);
  // empty: an earlier try ended between its two steps
  if (notedPath !== null) await rmdir(notedPath).catch(() => {}); // anything in it is not ours, and stays
  const refused = new Set<string>();
  for (;;) {
    signal.throwIfAborted();
    const names = await namesIn(folder);
    const endings = ['', ...(request.companions ?? [])].map(foldName);
    const isTaken = (folded: string): boolean =>
      refused.has(folded) || endings.some((ending) => names.has(folded + ending));
    const name = freeName(basename(wantedPath), isTaken, { extension: '' });
    const path = join(folder, name);
    await request.note(path);
    if (await takeName(partPath, path)) {
      await syncPath(folder);
      return path;
    }
    refused.add(foldName(name));
  }
}

/** False where the name exists by now. */
async function takeName(partPath: string, path: string): Promise<boolean> {
  try {
    await mkdir(path);
    // Windows replaces no folder, not even an empty one
    if (process.platform === 'win32') await rmdir(path);
    await rename(partPath, path);
    return true;
  } catch (cause) {
    if (['EEXIST', 'ENOTEMPTY'].includes(codeOf(cause))) return false;
    await rmdir(path).catch(() => {}); // not empty or gone: then it is not ours
    throw unwritable(dirname(path), cause);
  }
}
