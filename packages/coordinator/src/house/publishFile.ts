import { constants, copyFile, link, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BugError, FarmError, type Sha256 } from '@reelmill/protocol';
import { foldName, freeName, namesIn } from '../intake/freeName.ts';
import { unwritable } from '../intake/writableFolder.ts';
import { codeOf, lacksHardLinks } from './fileErrors.ts';
import { hashFile } from './hashFile.ts';

export interface PublishRequest {
  /** The finished, verified file, in the target folder. Gone when this resolves. */
  readonly partPath: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
  /** Absolute path wanted; the next free name is taken where it exists. */
  readonly wantedPath: string;
  /** Endings of files that will stand beside it: a name is free when these are, too. */
  readonly companions?: readonly string[];
  /** Path journaled by an earlier try of the same publication, or null. */
  readonly notedPath: string | null;
  /** Journals the path before the file appears under it. */
  note(path: string): Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Gives the finished file its final name without ever overwriting anything (decision 19): link() fails where a name
 * exists, rename() would replace it. Returns the path. A restart recognises what an earlier try had published.
 * Throws OUTPUT_UNWRITABLE, DISK_FULL; BugError when the part is gone and nothing was published.
 */
export async function publishFile(request: PublishRequest): Promise<string> {
  const earlier = await recogniseEarlierTry(request);
  if (earlier !== null) {
    await finish(request.partPath, dirname(earlier));
    return earlier;
  }
  const part = await stat(request.partPath).catch((cause) => {
    throw new BugError(`the file to publish is gone: ${request.partPath}`, { cause });
  });
  if (part.size !== request.sizeBytes) throw new BugError(`the file to publish changed its size: ${request.partPath}`);
  const folder = dirname(request.wantedPath);
  const refused = new Set<string>();
  for (;;) {
    request.signal.throwIfAborted();
    const names = await namesIn(folder);
    const endings = ['', ...(request.companions ?? [])].map(foldName);
    const isTaken = (folded: string) => refused.has(folded) || endings.some((ending) => names.has(folded + ending));
    const name = freeName(basename(request.wantedPath), isTaken);
    const path = join(folder, name);
    await request.note(path);
    if (await giveName(request.partPath, path)) {
      await finish(request.partPath, folder);
      return path;
    }
    refused.add(foldName(name));
  }
}

/** Links (or copies) the part to that name; false where the name exists by now. */
export async function giveName(partPath: string, path: string): Promise<boolean> {
  try {
    await link(partPath, path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    if (!lacksHardLinks(cause)) throw unwritable(dirname(path), cause);
  }
  return copyExclusively(partPath, path);
}

async function copyExclusively(partPath: string, path: string): Promise<boolean> {
  try {
    await copyFile(partPath, path, constants.COPYFILE_EXCL);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    await rm(path, { force: true });
    throw unwritable(dirname(path), cause);
  }
  await syncPath(path);
  return true;
}

/** A file under the journaled name is ours when its bytes are; a copy that was cut short is ours too, and goes. */
async function recogniseEarlierTry(request: PublishRequest): Promise<string | null> {
  const { notedPath, signal } = request;
  if (notedPath === null) return null;
  const found = await stat(notedPath).catch(() => null); // nothing there: the try ended before the name was given
  if (found === null || !found.isFile()) return null;
  const hash = await hashFile(notedPath, { signal });
  if (found.size === request.sizeBytes && hash.sha256 === request.sha256) return notedPath;
  if (found.size < request.sizeBytes) {
    const beginning = await hashFile(request.partPath, { signal, firstBytes: found.size }).catch(() => null); // no part: not ours to judge
    if (beginning !== null && beginning.sha256 === hash.sha256 && found.size > 0) await rm(notedPath);
  }
  return null;
}

async function finish(partPath: string, folder: string): Promise<void> {
  await rm(partPath, { force: true });
  await syncPath(folder);
}

/** fsync of a file or, where the system allows it, of a folder: the name survives a power loss. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (cause) {
    // Windows and some network file systems cannot sync a folder; the name is then as durable as they make it.
    if (!['EPERM', 'EINVAL', 'EISDIR', 'ENOTSUP'].includes(codeOf(cause))) {
      throw new FarmError('OUTPUT_UNWRITABLE', { cause, details: { path } });
    }
  } finally {
    await handle.close();
  }
}
