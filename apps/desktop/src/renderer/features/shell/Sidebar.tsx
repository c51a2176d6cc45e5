import { useFarm } from '../../store/farmStore.ts';
import { type Screen, screens, setView, useViewStore } from '../../store/viewStore.ts';
import { Icon } from '../../ui/Icon.tsx';
import styles from './Sidebar.module.css';

const titles: Record<Screen, string> = {
  queue: 'Queue',
  nodes: 'Nodes',
  presets: 'Presets',
  watch: 'Watch folders',
  failures: 'Failures',
  settings: 'Settings',
};

/** What of a title is said but not shown, because the bar is too narrow for it. */
const saidOnly: Partial<Record<Screen, string>> = { watch: ' folders' };

function Title({ screen }: { screen: Screen }) {
  const rest = saidOnly[screen];
  if (rest === undefined) return titles[screen];
  return (
    <>
      {titles[screen].slice(0, -rest.length)}
      <span className="visually-hidden">{rest}</span>
    </>
  );
}

export function Sidebar() {
  const screen = useViewStore((view) => view.screen);
  const counts: Record<Screen, number | null> = {
    queue: useFarm((farm) => farm.jobs.length, 0),
    nodes: useFarm((farm) => farm.nodes.length, 0),
    presets: null,
    watch: useFarm((farm) => farm.watchFolders.length, 0),
    failures: useFarm((farm) => farm.jobs.filter((job) => job.state === 'failed').length, 0),
    settings: null,
  };
  return (
    <nav className={styles.sidebar} aria-label="Screens">
      <ul>
        {screens.map((name, index) => (
          <li key={name}>
            <button
              type="button"
              className={styles.item}
              aria-current={name === screen ? 'page' : undefined}
              title={`${titles[name]} (Ctrl+${index + 1})`}
              onClick={() => setView({ screen: name })}
            >
              <Icon name={name} />
              <span className={styles.title}>
                <Title screen={name} />
              </span>
              <span className={name === 'failures' && counts.failures ? styles.alert : styles.count}>
                {counts[name] || ''}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <LocalMachine />
    </nav>
  );
}

function LocalMachine() {
  const local = useFarm((farm) => farm.nodes.find((node) => node.local) ?? null, null);
  return (
    <p className={styles.local}>
      {local ? (
        <>
          This computer
          <span>
            {local.busySlots} of {local.slots} slots
          </span>
        </>
      ) : (
        'This computer: not joined yet'
      )}
    </p>
  );
}
