import type { NodeView } from '@reelmill/protocol';
import { unknown } from '../../ui/format.ts';
import { NodeGlyph } from '../../ui/Glyph.tsx';
import styles from './Nodes.module.css';

/** Agents heard on the network that have not joined: they lack the join token, or the LAN switch is off. */
export function FoundNodes({ nodes }: { nodes: readonly NodeView[] }) {
  return (
    <section className={styles.panel} aria-label="Found on the network">
      <h2>Found on the network, not joined</h2>
      <ul>
        {nodes.map((node) => (
          <li key={node.nodeId} className={styles.found}>
            <NodeGlyph state="found" />
            <span>{node.name}</span>
            <span className={styles.mono}>{node.address ?? unknown}</span>
            <span className={styles.muted}>{node.error?.fix ?? 'Run the line of “Add node” on that machine.'}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
