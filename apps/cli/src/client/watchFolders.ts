import { resolve } from 'node:path';
import { FarmError, type JobPriority, type WatchFolderRequest, type WatchFolderView } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer, type ServerAccess } from '../farm/farmClient.ts';
import { watchFolderTable } from '../output/watchFolderText.ts';
import { writeLines } from './lists.ts';

export interface AddWatchFolderOptions extends ClientOptions {
  readonly preset: readonly string[];
  readonly out?: string;
  readonly recursive?: boolean;
  readonly move?: boolean;
  readonly priority?: JobPriority;
}

const sent = (method: 'POST' | 'PATCH', body: object): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

const listed = async (access: ServerAccess): Promise<WatchFolderView[]> =>
  (await callApi<{ watchFolders: WatchFolderView[] }>(access, '/watch-folders')).watchFolders;

/** `reelmill watch-folders ls`: a table, or one JSON object a line. */
export async function listWatchFolders(options: ClientOptions): Promise<void> {
  show(await listed(await findServer(options)), options);
}

/** `reelmill watch-folders add`: the path is one of the coordinator's machine. */
export async function addWatchFolder(path: string, options: AddWatchFolderOptions): Promise<void> {
  const request: WatchFolderRequest = {
    path: resolve(path),
    preset: [...options.preset],
    outputFolder: options.out === undefined ? null : resolve(options.out),
    recursive: options.recursive ?? false,
    move: options.move ?? false,
    priority: options.priority ?? null,
  };
  show([await callApi<WatchFolderView>(await findServer(options), '/watch-folders', sent('POST', request))], options);
}

/** `reelmill watch-folders pause` and `resume`. */
export async function pauseWatchFolder(which: string, paused: boolean, options: ClientOptions): Promise<void> {
  const access = await findServer(options);
  const { watchFolderId } = await found(access, which);
  show([await callApi<WatchFolderView>(access, `/watch-folders/${watchFolderId}`, sent('PATCH', { paused }))], options);
}

/** `reelmill watch-folders remove`: files, jobs and outputs stay. */
export async function removeWatchFolder(which: string, options: ClientOptions): Promise<void> {
  const access = await findServer(options);
  const { watchFolderId } = await found(access, which);
  await callApi(access, `/watch-folders/${watchFolderId}`, { method: 'DELETE' });
}

/** By its id, or by its path. */
async function found(access: ServerAccess, which: string): Promise<WatchFolderView> {
  const one = (await listed(access)).find(
    ({ watchFolderId, path }) => watchFolderId === which || path === which || path === resolve(which),
  );
  if (one !== undefined) return one;
  throw new FarmError('NOT_FOUND', { message: `No watched folder has the id or path ${which}.` });
}

function show(folders: readonly WatchFolderView[], { json }: ClientOptions): void {
  if (json) writeLines(folders);
  else process.stdout.write(watchFolderTable(folders));
}
