import { WatchFolderView as Schema, type WatchFolderView } from '@reelmill/protocol';

const base = {
  preset: ['h264-1080p'],
  outputFolder: '/Media/Deliver',
  recursive: true,
  move: false,
  priority: null,
  state: 'watching',
  error: null,
  copying: 0,
  unopened: 0,
  pickedUp: 128,
  lastPickup: { name: 'A014_C002_0112.mov', at: '2026-11-21T17:42:11.000Z', jobId: 'J-aaaaaaaaaa' },
};

/** Watched folders in each of their states. */
export const fixtureWatchFolders: WatchFolderView[] = [
  { ...base, watchFolderId: 'W-aaaaaaaaaa', path: '/Volumes/Ingest/Cards', copying: 1 },
  { ...base, watchFolderId: 'W-aaaaaaaaab', path: '/Media/From VFX/شات 🎬 pulls', move: true, priority: 'high' },
  {
    ...base,
    watchFolderId: 'W-aaaaaaaaac',
    path: '/Volumes/SHUTTLE_03/DCIM',
    outputFolder: null,
    state: 'missing',
    error: {
      code: 'WATCH_FOLDER_MISSING',
      cause: '/Volumes/SHUTTLE_03/DCIM is not there (ENOENT).',
      fix: 'Connect its drive or make the folder: watching goes on by itself.',
      details: {},
    },
    pickedUp: 0,
    lastPickup: null,
  },
  { ...base, watchFolderId: 'W-aaaaaaaaad', path: `/Media/${'a very long name '.repeat(12)}`, state: 'paused' },
  { ...base, watchFolderId: 'W-aaaaaaaaae', path: '/Media/Old', unopened: 2, recursive: false },
].map((folder) => Schema.parse(folder));
