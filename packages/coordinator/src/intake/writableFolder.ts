import { randomBytes } from 'node:crypto';
import { open, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FarmError } from '@reelmill/protocol';

/** The folder itself, or the nearest one above it that exists. */
export async function nearestExistingFolder(folder: string): Promise<string> {
  for (let current = folder; ; current = dirname(current)) {
    try {
      const found = await stat(current);
      if (!found.isDirectory()) throw unwritable(folder, new Error(`${current} is not a folder`));
      return current;
    } catch (cause) {
      if (cause instanceof FarmError) throw cause;
      if ((cause as { code?: string }).code !== 'ENOENT' || current === dirname(current))
        throw unwritable(folder, cause);
    }
  }
}

const trialPrefix = '.reelmill-write-test-';

/** Whether a file of that name is one that `assertWritableFolder` left in a crash. */
export const isWriteTrial = (name: string): boolean => /^\.reelmill-write-test-[0-9a-f]{12}$/.test(name);

/**
 * Promises that a file can be made in `folder` (or in the nearest folder above it that exists: nothing is created
 * before there is a result). Tried with a real file, because permission bits do not tell about read-only mounts.
 * Throws OUTPUT_UNWRITABLE or DISK_FULL.
 */
export async function assertWritableFolder(folder: string): Promise<void> {
  const existing = await nearestExistingFolder(folder);
  const trial = join(existing, `${trialPrefix}${randomBytes(6).toString('hex')}`);
  try {
    await (await open(trial, 'wx')).close();
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  await unlink(trial);
}

/** Names the folder and the system's reason. */
export function unwritable(folder: string, cause: unknown): FarmError {
  const system = cause as { code?: string; message?: string };
  if (system.code === 'ENOSPC' || system.code === 'EDQUOT') {
    return new FarmError('DISK_FULL', { message: `The disk of ${folder} is full.`, cause, details: { folder } });
  }
  return new FarmError('OUTPUT_UNWRITABLE', {
    message: `The output folder ${folder} cannot be written (${system.code ?? system.message ?? 'unknown reason'}).`,
    cause,
    details: { folder },
  });
}
