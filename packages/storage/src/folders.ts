import { mkdir, open, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './storageErrors.ts';

const mostTries = 10;

/** Makes the folder of `target` and runs `move`; repeats when a concurrent removal pruned the still empty folder. */
export async function moveInto(target: string, move: () => Promise<void>, options: { sync: boolean }): Promise<void> {
  for (let triesLeft = mostTries; ; triesLeft -= 1) {
    const created = await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    try {
      await move();
      if (options.sync) await syncFolders(dirname(target), created);
      return;
    } catch (thrown) {
      if (errnoOf(thrown) !== 'ENOENT' || triesLeft === 0) throw thrown;
    }
  }
}

/** Removes `folder` and its parents below `root` as long as they are empty. */
export async function pruneEmptyFolders(root: string, folder: string): Promise<void> {
  for (let current = folder; current.length > root.length; current = dirname(current)) {
    try {
      await rmdir(current);
    } catch (thrown) {
      const errno = errnoOf(thrown);
      if (errno === 'ENOENT') continue;
      if (errno === 'ENOTEMPTY' || errno === 'EEXIST') return;
      throw thrown;
    }
  }
}

/** Makes the content of a file, or the names in a folder, survive power loss. */
export async function syncPath(path: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened for syncing there; NTFS journals names
  const handle = await open(path, 'r').catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return null; // pruned by a concurrent removal
    throw thrown;
  });
  await handle?.sync().finally(() => handle.close());
}

/** Syncs `folder` and, where folders were created on the way, every one up to the parent of the first. */
async function syncFolders(folder: string, firstCreated: string | undefined): Promise<void> {
  const last = firstCreated === undefined ? folder : dirname(firstCreated);
  for (let current = folder; ; current = dirname(current)) {
    await syncPath(current);
    if (current === last || current === dirname(current)) return;
  }
}
