import { readFile } from 'node:fs/promises';
import { FarmError, JobPriority, WatchFolderId } from '@reelmill/protocol';
import { z } from 'zod';
import { writePrivate } from '../dataFolder.ts';

/** One watched folder as it was set. */
export const WatchFolderSettings = z.object({
  watchFolderId: WatchFolderId,
  path: z.string(),
  preset: z.array(z.string()).min(1),
  outputFolder: z.string().nullable(),
  recursive: z.boolean(),
  move: z.boolean(),
  priority: JobPriority.nullable(),
  paused: z.boolean(),
});
export type WatchFolderSettings = z.infer<typeof WatchFolderSettings>;

/** Those of a data folder; none where there is no such file. @throws FarmError USAGE where it cannot be understood */
export async function readWatchSettings(path: string): Promise<WatchFolderSettings[]> {
  const text = await readFile(path, 'utf8').catch((cause: { code?: string }) => {
    if (cause.code === 'ENOENT') return '[]';
    throw cause;
  });
  try {
    return z.array(WatchFolderSettings).parse(JSON.parse(text));
  } catch (cause) {
    throw new FarmError('USAGE', { message: `${path} does not hold watched folders.`, cause, details: { path } });
  }
}

export const writeWatchSettings = (path: string, all: readonly WatchFolderSettings[]): Promise<void> =>
  writePrivate(path, `${JSON.stringify(all, null, 2)}\n`);
