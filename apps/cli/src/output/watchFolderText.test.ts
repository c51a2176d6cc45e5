import { FarmError, type WatchFolderView } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { watchFolderTable } from './watchFolderText.ts';

const folder = {
  watchFolderId: 'W-aaaaaaaaaa',
  path: '/media/card',
  preset: ['h264-1080p', 'prores-proxy'],
  outputFolder: '/deliver',
  recursive: true,
  move: false,
  priority: null,
  state: 'watching',
  error: null,
  copying: 1,
  unopened: 0,
  pickedUp: 12,
  lastPickup: { name: 'A001.mov', at: '2026-01-02T03:04:05.678Z', jobId: 'J-aaaaaaaaaa' },
} as WatchFolderView;

test('a line for each watched folder, and below it what to do where it waits', () => {
  const error = new FarmError('WATCH_FOLDER_MISSING', { message: '/media/b is not there.' }).toData();
  const missing = { ...folder, state: 'missing' as const, error, copying: 0, lastPickup: null };
  expect(watchFolderTable([folder, missing]).split('\n')).toEqual([
    'ID            STATE                 PICKED UP  LAST                          PRESET                   TO        FOLDER',
    'W-aaaaaaaaaa  1 file still copying  12         2026-01-02 03:04:05 A001.mov  h264-1080p,prores-proxy  /deliver  /media/card and below',
    'W-aaaaaaaaaa  path missing          12         -                             h264-1080p,prores-proxy  /deliver  /media/card and below',
    '',
    'W-aaaaaaaaaa  /media/b is not there.',
    `  fix  ${error.fix}`,
    '',
  ]);
  expect(watchFolderTable([])).toMatch(/watch-folders add/);
});
