import type { WatchFolderView } from '@reelmill/protocol';
import { useState } from 'react';
import { useFarm, useFarmStore } from '../../store/farmStore.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { counted } from '../../ui/format.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { AddWatchFolder } from './AddWatchFolder.tsx';
import styles from './Watch.module.css';
import { WatchFolderRow } from './WatchFolderRow.tsx';

const noFolders: readonly WatchFolderView[] = [];
const readFolders = (farm: { watchFolders: readonly WatchFolderView[] }) => farm.watchFolders;

/** Folders whose new media files become jobs by themselves. */
export function WatchFoldersScreen() {
  const known = useFarmStore((state) => state.replica !== null);
  const folders = useFarm(readFolders, noFolders);
  const [isAdding, setAdding] = useState(false);
  if (!known) return <Skeleton />;
  const pickedUp = folders.reduce((sum, folder) => sum + folder.pickedUp, 0);
  return (
    <section className={styles.screen} aria-label="Watch folders">
      <div className={styles.head}>
        <h1>
          {counted(folders.length, 'folder')} · {counted(pickedUp, 'file')} picked up
        </h1>
        {folders.length > 0 || isAdding ? (
          <Button icon="add" aria-expanded={isAdding} onClick={() => setAdding(!isAdding)}>
            Watch a folder
          </Button>
        ) : null}
      </div>
      <div className={styles.scroller}>
        {isAdding ? <AddWatchFolder onDone={() => setAdding(false)} /> : null}
        {folders.length === 0 && !isAdding ? (
          <EmptyState action={<Button onClick={() => setAdding(true)}>Watch a folder</Button>}>
            Media files that appear in a watched folder become jobs by themselves.
          </EmptyState>
        ) : null}
        <ul>
          {folders.map((folder) => (
            <WatchFolderRow key={folder.watchFolderId} folder={folder} />
          ))}
        </ul>
      </div>
    </section>
  );
}
