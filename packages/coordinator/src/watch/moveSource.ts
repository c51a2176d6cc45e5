import { link, lstat, mkdir, open, rename, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, lacksHardLinks } from '../house/fileErrors.ts';
import { syncPath } from '../house/publishFile.ts';
import { foldName, freeName } from '../intake/freeName.ts';
import { doneFolder } from './fileNames.ts';

/**
 * Moves a file of a watched folder to the same place below its `done`, under the next free name where that is taken:
 * nothing is overwritten, and the bytes have a name at every moment. A move that a crash cut short is taken up again.
 * A file that is not there any more was moved. Links stay where they are.
 */
export async function moveSource(root: string, file: string): Promise<void> {
  const source = join(root, file);
  const found = await lstat(source, { bigint: true }).catch((cause) => {
    if (codeOf(cause) === 'ENOENT') return null;
    throw cause;
  });
  if (found === null || !found.isFile()) return;
  const target = join(root, doneFolder, file);
  await mkdir(dirname(target), { recursive: true });
  const refused = new Set<string>();
  for (;;) {
    const path = join(
      dirname(target),
      freeName(basename(target), (folded) => refused.has(folded)),
    );
    if (await moveTo(source, path, found)) break;
    refused.add(foldName(basename(path)));
  }
  await syncPath(dirname(target));
}

interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** False where another file has that name. */
async function moveTo(source: string, path: string, identity: Identity): Promise<boolean> {
  try {
    await link(source, path);
  } catch (cause) {
    if (lacksHardLinks(cause)) return renameTo(source, path);
    if (codeOf(cause) !== 'EEXIST') throw cause;
    if (!(await isSameFile(path, identity))) return false;
  }
  // Another file may have come in its place meanwhile: that one stays.
  if (await isSameFile(source, identity)) await unlink(source);
  return true;
}

/** Renaming replaces what has the name: an empty file of ours holds it before. */
async function renameTo(source: string, path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw cause;
  }
  try {
    await rename(source, path);
  } catch (cause) {
    await rm(path, { force: true });
    throw cause;
  }
  return true;
}

const isSameFile = (path: string, { dev, ino }: Identity): Promise<boolean> =>
  lstat(path, { bigint: true }).then(
    // some network drives number nothing: there no two names are known to be one file
    (found) => found.dev === dev && found.ino === ino && ino !== 0n,
    () => false, // gone: not that file
  );
