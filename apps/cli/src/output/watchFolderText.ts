import { type WatchFolderView, watchFolderState } from '@reelmill/protocol';
import { formatTable } from './formatTable.ts';

const header = ['ID', 'STATE', 'PICKED UP', 'LAST', 'PRESET', 'TO', 'FOLDER'];

/** Watched folders, a line each; below those that wait what to do. Ends with a newline. */
export function watchFolderTable(folders: readonly WatchFolderView[]): string {
  if (folders.length === 0) return 'No watched folders. Add one with `reelmill watch-folders add PATH --preset ID`.\n';
  const rows = folders.map((folder) => [
    folder.watchFolderId,
    watchFolderState(folder),
    String(folder.pickedUp),
    folder.lastPickup === null
      ? '-'
      : `${folder.lastPickup.at.slice(0, 19).replace('T', ' ')} ${folder.lastPickup.name}`,
    folder.preset.join(','),
    folder.outputFolder ?? 'beside each source',
    `${folder.path}${folder.recursive ? ' and below' : ''}`,
  ]);
  const remedies = folders.flatMap(({ watchFolderId, error }) =>
    error === null ? [] : [`\n${watchFolderId}  ${error.cause}\n  fix  ${error.fix}\n`],
  );
  return `${formatTable(header, rows)}${remedies.join('')}`;
}
