import { opendir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FarmError, seamProofSuffix } from '@reelmill/protocol';
import { codeOf } from '../house/fileErrors.ts';
import { doneFolder, isIgnoredName } from './fileNames.ts';

/** More files than this are a store, not an inbox: each costs a look now and then. */
export const mostFiles = 100_000;
/** Entries a turn of the event loop reads. */
const entriesAtOnce = 256;

export interface Listing {
  /** Relative to the folder, in no order. Outputs of farms (a certificate stands beside them) are left out. */
  readonly files: readonly string[];
  /** Subfolders that may not be read. */
  readonly unreadable: number;
}

export interface ListOptions {
  readonly recursive: boolean;
  /** Absolute folders that are not entered: the coordinator's own data. */
  readonly except: readonly string[];
}

const forbidden = (thrown: unknown): boolean => ['EACCES', 'EPERM'].includes(codeOf(thrown));

/**
 * The files that a watched folder holds now, read in portions. Links to folders are not followed.
 * @throws FarmError WATCH_FOLDER_MISSING, WATCH_FOLDER_UNREADABLE, WATCH_FOLDER_TOO_LARGE
 */
export async function listFolder(root: string, { recursive, except }: ListOptions): Promise<Listing> {
  const files: string[] = [];
  const folders: string[] = [];
  let unreadable = 0;
  await readOne(root, '', { files, folders }).catch((cause) => {
    throw unlistable(root, cause);
  });
  if (!recursive) return { files, unreadable };
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (folder.toLowerCase() === doneFolder || except.includes(join(root, folder))) continue;
    try {
      await readOne(join(root, folder), folder, { files, folders });
    } catch (cause) {
      if (cause instanceof FarmError) throw cause;
      if (forbidden(cause)) unreadable += 1;
      // Gone since it was listed: nothing of it is here. Anything else makes the whole look worthless.
      else if (codeOf(cause) !== 'ENOENT') throw unlistable(root, cause);
    }
  }
  return { files, unreadable };
}

/** Entries of one folder, without what a certificate beside it says a farm made. */
async function readOne(path: string, below: string, into: { files: string[]; folders: string[] }): Promise<void> {
  const found: { name: string; isFolder: boolean }[] = [];
  const proven = new Set<string>();
  for await (const entry of await opendir(path, { bufferSize: entriesAtOnce })) {
    const { name } = entry;
    if (name.endsWith(seamProofSuffix)) proven.add(name.slice(0, -seamProofSuffix.length));
    if (isIgnoredName(name)) continue;
    if (!entry.isDirectory() && !entry.isFile() && !entry.isSymbolicLink()) continue;
    found.push({ name, isFolder: entry.isDirectory() });
    if (into.files.length + found.length > mostFiles) throw tooLarge(path);
  }
  for (const { name, isFolder } of found) {
    if (proven.has(name)) continue;
    (isFolder ? into.folders : into.files).push(below === '' ? name : `${below}${sep}${name}`);
  }
}

const tooLarge = (path: string): FarmError =>
  new FarmError('WATCH_FOLDER_TOO_LARGE', {
    message: `${path} and what is watched with it hold more than ${mostFiles} files.`,
    details: { path, mostFiles },
  });

function unlistable(root: string, cause: unknown): FarmError {
  if (cause instanceof FarmError) return cause;
  const details = { path: root, systemCode: codeOf(cause) };
  if (forbidden(cause)) {
    return new FarmError('WATCH_FOLDER_UNREADABLE', { message: `${root} may not be read.`, cause, details });
  }
  const message = `${root} is not there (${details.systemCode || 'no reason given'}).`;
  return new FarmError('WATCH_FOLDER_MISSING', { message, cause, details });
}
