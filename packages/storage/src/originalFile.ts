import { type FileHandle, open } from 'node:fs/promises';
import { FarmError, type SourceIdentity } from '@reelmill/protocol';
import { errnoOf } from './storageErrors.ts';

/**
 * Opens a source for reading, and only if it still is the file that was planned. The caller closes the handle.
 * @throws FarmError SOURCE_NOT_FOUND, SOURCE_UNREADABLE, SOURCE_CHANGED
 */
export async function openVerifiedSource(identity: SourceIdentity): Promise<FileHandle> {
  const handle = await open(identity.path, 'r').catch((cause: unknown) => {
    throw new FarmError(errnoOf(cause) === 'ENOENT' ? 'SOURCE_NOT_FOUND' : 'SOURCE_UNREADABLE', { cause });
  });
  try {
    const found = await handle.stat({ bigint: true });
    const same =
      found.isFile() &&
      Number(found.size) === identity.sizeBytes &&
      String(found.mtimeNs) === identity.mtimeNs &&
      String(found.ino) === identity.inode;
    if (!same) throw new FarmError('SOURCE_CHANGED');
    return handle;
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}
