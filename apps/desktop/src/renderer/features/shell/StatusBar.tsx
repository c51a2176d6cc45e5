import type { FarmStats, NodeView } from '@reelmill/protocol';
import { useFarm, useFarmStore } from '../../store/farmStore.ts';
import { bytes, timeOfDay } from '../../ui/format.ts';
import { NewsButton } from '../notifications/NewsList.tsx';
import styles from './StatusBar.module.css';

function linkText(kind: 'connecting' | 'live' | 'offline' | 'refused', asOf: number | null): string {
  switch (kind) {
    case 'connecting':
      return 'Connecting…';
    case 'live':
      return 'Live';
    case 'offline':
      return asOf ? `Offline · as of ${timeOfDay(asOf)}` : 'Offline';
    case 'refused':
      return 'Not authorised';
  }
}

function nodesText(nodes: readonly NodeView[]): string {
  const joined = nodes.filter((node) => node.state !== 'found');
  const offline = joined.filter((node) => node.state === 'offline').length;
  const found = nodes.length - joined.length;
  const parts = [`${joined.length} ${joined.length === 1 ? 'node' : 'nodes'}`];
  if (offline > 0) parts.push(`${offline} offline`);
  if (found > 0) parts.push(`${found} found, not joined`);
  return parts.join(', ');
}

function storageText(stats: FarmStats): string {
  const name = stats.storage.kind === 's3' ? 'S3 storage' : 'Storage on this computer';
  return `${name} ${stats.storage.ok ? 'ok' : 'unreachable'}, ${bytes(stats.storage.freeBytes)} free`;
}

export function StatusBar() {
  const link = useFarmStore((state) => state.link);
  const asOf = useFarmStore((state) => (state.link.kind === 'offline' ? state.asOf : null));
  const stats = useFarm<FarmStats | null>((farm) => farm.stats, null);
  const nodes = useFarm<readonly NodeView[]>((farm) => farm.nodes, []);
  return (
    <footer className={styles.bar}>
      <span className={styles.link} data-kind={link.kind} data-testid="link-status">
        {linkText(link.kind, asOf)}
      </span>
      {stats ? (
        <>
          <span>
            {stats.jobsDone} done, {stats.jobsFailed} failed
          </span>
          {stats.eta.total > 0 ? (
            <span title="Jobs whose time left was told and that ended inside the range.">
              ETA right in {stats.eta.right} of {stats.eta.total} jobs
            </span>
          ) : null}
          <span className={styles.spring} />
          <span data-bad={!stats.storage.ok || undefined}>{storageText(stats)}</span>
          {stats.warnings.map(({ code, cause, fix }) => (
            <span key={code} data-bad title={`${cause} ${fix}`}>
              {code}
            </span>
          ))}
          <span>{nodesText(nodes)}</span>
          <span>LAN {stats.lan ? 'on' : 'off'}</span>
          <NewsButton />
        </>
      ) : null}
    </footer>
  );
}
