import { type WatchFolderView, watchFolderState } from '@reelmill/protocol';
import { pauseWatchFolder, removeWatchFolder } from '../../store/jobActions.ts';
import { Button } from '../../ui/Button.tsx';
import { counted, dayAndTime } from '../../ui/format.ts';
import { useLossDialog } from '../job/lossDialog.ts';
import styles from './Watch.module.css';

type Tone = 'watching' | 'copying' | 'waiting' | 'paused';

/** Shapes differ, so that colour is never the only cue. */
const shapes: Record<Tone, React.ReactNode> = {
  watching: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  copying: <path d="M6 1.5v7M3 6l3 3 3-3M2 10.8h8" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  waiting: <path d="M6 1.5 11 10.5H1zM6 4.5v3M6 8.8v.4" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  paused: <path d="M3.5 2V10M8.5 2V10" fill="none" stroke="currentColor" strokeWidth="2" />,
};

function toneOf({ state, copying, unopened }: WatchFolderView): Tone {
  if (state === 'paused') return 'paused';
  if (state !== 'watching') return 'waiting';
  if (copying > 0) return 'copying';
  return unopened > 0 ? 'waiting' : 'watching';
}

function askToRemove({ watchFolderId, path }: WatchFolderView): void {
  useLossDialog.setState({
    question: {
      title: `Stop watching ${path}?`,
      text: 'Its files, jobs and outputs stay. Watched again later, every file in it counts as new.',
      loseLabel: 'Stop watching',
      keepLabel: 'Keep watching',
      lose: () => removeWatchFolder(watchFolderId),
    },
  });
}

const settingsText = ({ preset, outputFolder, recursive, move, priority }: WatchFolderView): string =>
  [
    preset.join(', '),
    outputFolder === null ? 'beside each source' : `to ${outputFolder}`,
    ...(recursive ? ['with subfolders'] : []),
    ...(move ? ['sources move to “done”'] : []),
    ...(priority === null || priority === 'normal' ? [] : [`${priority} priority`]),
  ].join(' · ');

export function WatchFolderRow({ folder }: { folder: WatchFolderView }) {
  const { watchFolderId, path, error, pickedUp, lastPickup } = folder;
  const tone = toneOf(folder);
  const paused = folder.state === 'paused';
  return (
    <li className={styles.row} data-state={folder.state}>
      <span className={styles.state} data-tone={tone}>
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          {shapes[tone]}
        </svg>
        {watchFolderState(folder)}
      </span>
      <div className={styles.about}>
        <p className={styles.path} title={path}>
          <bdi>{path}</bdi>
        </p>
        <p className={styles.settings}>{settingsText(folder)}</p>
        {error === null ? null : (
          <p className={styles.error}>
            {error.cause} <b>{error.fix}</b>
          </p>
        )}
      </div>
      <div className={styles.pickups}>
        <p>{counted(pickedUp, 'file')} picked up</p>
        <p className={styles.last} title={lastPickup?.name}>
          {lastPickup === null ? 'nothing yet' : `${dayAndTime(lastPickup.at)} ${lastPickup.name}`}
        </p>
      </div>
      <div className={styles.buttons}>
        <Button
          icon={paused ? 'play' : 'pause'}
          aria-label={`${paused ? 'Resume' : 'Pause'} ${path}`}
          onClick={() => pauseWatchFolder(watchFolderId, !paused)}
        >
          {paused ? 'Resume' : 'Pause'}
        </Button>
        <Button icon="remove" aria-label={`Remove ${path}`} onClick={() => askToRemove(folder)}>
          Remove
        </Button>
      </div>
    </li>
  );
}
