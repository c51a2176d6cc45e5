import type { FarmStats, NodeView } from '@reelmill/protocol';
import { useFarm, useFarmStore } from '../../store/farmStore.ts';
import { setView, useViewStore } from '../../store/viewStore.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { framesPerSecond, unknown } from '../../ui/format.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { AddNodePanel } from './AddNodePanel.tsx';
import { FoundNodes } from './FoundNodes.tsx';
import { NodeCard } from './NodeCard.tsx';
import styles from './Nodes.module.css';

const noNodes: readonly NodeView[] = [];

function headline(nodes: readonly NodeView[], stats: FarmStats | null): string {
  const online = nodes.filter((node) => node.state === 'ready' || node.state === 'rendering');
  const sum = (read: (node: NodeView) => number) => online.reduce((total, node) => total + read(node), 0);
  const slots = `${sum((node) => node.busySlots)} of ${sum((node) => node.slots)} slots busy`;
  return `${online.length} online · ${slots} · ${stats ? framesPerSecond(stats.fps) : unknown} fps`;
}

export function NodesScreen() {
  const known = useFarmStore((state) => state.replica !== null);
  const nodes = useFarm(readNodes, noNodes);
  const stats = useFarm<FarmStats | null>(readStats, null);
  const addOpen = useViewStore((view) => view.addNodeOpen);
  if (!known) return <Skeleton />;
  const joined = nodes.filter((node) => node.state !== 'found');
  const found = nodes.filter((node) => node.state === 'found');
  return (
    <section className={styles.screen} aria-label="Nodes">
      <div className={styles.head}>
        <h1>{headline(joined, stats)}</h1>
        <Button icon="add" aria-expanded={addOpen} onClick={() => setView({ addNodeOpen: !addOpen })}>
          Add node
        </Button>
      </div>
      <div className={styles.scroller}>
        {addOpen ? <AddNodePanel stats={stats} /> : null}
        {found.length > 0 ? <FoundNodes nodes={found} /> : null}
        {joined.length === 0 ? (
          <div className={styles.none}>
            <EmptyState action={<Button onClick={() => setView({ addNodeOpen: true })}>Add node</Button>}>
              No machine has joined yet; this computer joins by itself within seconds.
            </EmptyState>
          </div>
        ) : (
          <ul className={styles.cards}>
            {joined.map((node) => (
              <NodeCard key={node.nodeId} node={node} />
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

const readNodes = (farm: { nodes: readonly NodeView[] }): readonly NodeView[] => farm.nodes;
const readStats = (farm: { stats: FarmStats }): FarmStats => farm.stats;
