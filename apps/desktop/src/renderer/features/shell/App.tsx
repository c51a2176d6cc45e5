import { assertNever } from '@reelmill/protocol';
import { useFarmStore } from '../../store/farmStore.ts';
import { type Screen, useViewStore } from '../../store/viewStore.ts';
import { CommandDialogs } from '../commands/CommandDialogs.tsx';
import { FailuresScreen } from '../failures/FailuresScreen.tsx';
import { DropTarget } from '../intake/DropTarget.tsx';
import { NamingDialog } from '../intake/NamingDialog.tsx';
import { JobSide } from '../job/detail/JobSide.tsx';
import { QueueOrJob } from '../job/detail/QueueOrJob.tsx';
import { JobMenu } from '../job/JobMenu.tsx';
import { LossDialog } from '../job/LossDialog.tsx';
import { LinkDialog } from '../links/LinkDialog.tsx';
import { NodesScreen } from '../nodes/NodesScreen.tsx';
import { NewsList } from '../notifications/NewsList.tsx';
import { PresetsScreen } from '../presets/PresetsScreen.tsx';
import { SettingsScreen } from '../settings/SettingsScreen.tsx';
import { WatchFoldersScreen } from '../watch/WatchFoldersScreen.tsx';
import styles from './App.module.css';
import { LinkBanner } from './LinkBanner.tsx';
import { LiveRegion } from './LiveRegion.tsx';
import { Notices } from './Notices.tsx';
import { Sidebar } from './Sidebar.tsx';
import { StatusBar } from './StatusBar.tsx';
import { Toolbar } from './Toolbar.tsx';

function Shown({ screen }: { screen: Screen }) {
  switch (screen) {
    case 'queue':
      return <QueueOrJob />;
    case 'nodes':
      return <NodesScreen />;
    case 'presets':
      return <PresetsScreen />;
    case 'watch':
      return <WatchFoldersScreen />;
    case 'failures':
      return <FailuresScreen />;
    case 'settings':
      return <SettingsScreen />;
    default:
      return assertNever(screen);
  }
}

export function App() {
  const screen = useViewStore((view) => view.screen);
  const stale = useFarmStore((state) => state.link.kind !== 'live' && state.replica !== null);
  return (
    <div className={styles.app}>
      <Toolbar />
      <LinkBanner />
      <Sidebar />
      <main className={stale ? `${styles.main} ${styles.stale}` : styles.main}>
        <Shown screen={screen} />
      </main>
      <JobSide />
      <StatusBar />
      <Notices />
      <NewsList />
      <LossDialog />
      <LinkDialog />
      <JobMenu />
      <NamingDialog />
      <CommandDialogs />
      <DropTarget />
      <LiveRegion />
    </div>
  );
}
