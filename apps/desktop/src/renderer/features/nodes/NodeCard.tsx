import { kindsText, type NodeView, nodeRemark } from '@reelmill/protocol';
import { memo } from 'react';
import { useSeries } from '../../store/history.ts';
import { forgetNode } from '../../store/jobActions.ts';
import { Button } from '../../ui/Button.tsx';
import { bytes, framesPerSecond, timeOfDay, unknown, wholeNumber } from '../../ui/format.ts';
import { NodeGlyph, stateColor } from '../../ui/Glyph.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { Lending } from './Lending.tsx';
import styles from './Nodes.module.css';

const stateWords: Record<NodeView['state'], string> = {
  ready: 'Ready',
  rendering: 'Rendering',
  offline: 'Offline',
  found: 'Found, not joined',
  refused: 'Refused',
};

/** A node that takes nothing new says so before anything else. */
function stateWord(node: NodeView): string {
  const isClosed = node.state === 'ready' && nodeRemark(node) !== null;
  return isClosed
    ? node.pause !== null || node.closure?.reason === 'paused'
      ? 'Paused'
      : 'Not lent now'
    : stateWords[node.state];
}

const withUnit = (value: number | null, unit: string): string =>
  value === null ? unknown : `${wholeNumber(value)} ${unit}`;

function Work({ node }: { node: NodeView }) {
  // A fixed number of lines: work comes and goes every second, the cards below must not move.
  const lines = Math.min(4, Math.max(1, node.slots));
  return (
    <ul className={styles.work} style={{ height: lines * 18 }} aria-label={`Work of ${node.name}`}>
      {node.work.slice(0, lines).map((item) => (
        <li key={`${item.jobId}${item.label}`}>
          <span className={styles.workName}>{item.label}</span>
          <span>{Math.floor(item.percent)} %</span>
          <span>{framesPerSecond(item.fps)} fps</span>
        </li>
      ))}
      {node.work.length === 0 ? <li className={styles.idle}>no work</li> : null}
    </ul>
  );
}

function Absence({ node }: { node: NodeView }) {
  if (node.state !== 'offline' && node.state !== 'refused') return null;
  const cause = node.error?.cause ?? 'No heartbeat arrives.';
  const fix = node.error?.fix ?? 'Wake the machine and check its cable or VPN; its work went to other nodes.';
  return (
    <div className={styles.absence}>
      <p className={styles.cause}>{cause}</p>
      <p>{fix}</p>
      <Button onClick={() => forgetNode(node.nodeId)}>Forget</Button>
    </div>
  );
}

function Quarantine({ quarantine }: Pick<NodeView, 'quarantine'>) {
  if (quarantine === null) return null;
  return (
    <div className={styles.absence} data-field="quarantine">
      <p className={styles.cause}>
        Gets no work since {timeOfDay(quarantine.since)}: {quarantine.error.cause}
      </p>
      <p>{quarantine.error.fix}</p>
    </div>
  );
}

function Hardware({ hardware }: Pick<NodeView, 'hardware'>) {
  if (hardware === null || hardware.length === 0) return null;
  const proven = hardware.filter((proof) => proof.proven).map((proof) => proof.encoder);
  const others = hardware.filter((proof) => !proof.proven);
  // one driver is the reason of several encoders
  const reasons = [...new Set(others.map(({ reason }) => reason))];
  return (
    <div data-field="hardware">
      <dt>Hardware</dt>
      <dd>{proven.length === 0 ? 'no encoder proven' : proven.join(', ')}</dd>
      {reasons.map((reason) => (
        <dd key={reason} className={styles.unproven}>
          {others.flatMap((proof) => (proof.reason === reason ? [proof.encoder] : [])).join(', ')}: {reason}
        </dd>
      ))}
    </div>
  );
}

/** What it is reserved for: `gpu, studio-b; only encode`. */
function takesText(node: NodeView): string {
  const parts = [node.tags.join(', '), kindsText(node) ?? ''];
  return parts.filter((part) => part !== '').join('; ');
}

export const NodeCard = memo(function NodeCard({ node }: { node: NodeView }) {
  const cpu = useSeries(node.nodeId);
  const offline = node.state === 'offline';
  return (
    <li className={styles.card} data-testid="node-card" data-state={node.state} data-node={node.name}>
      <div className={styles.cardHead}>
        <h2 title={node.nodeId}>{node.name}</h2>
        <span className={styles.where}>{node.local ? 'this computer' : (node.address ?? unknown)}</span>
      </div>
      <p className={styles.state}>
        <NodeGlyph state={node.state} />
        <span style={{ color: stateColor(node.state) }}>{stateWord(node)}</span>
        <span className={styles.muted}>
          {offline ? `as of ${timeOfDay(node.lastSeenAt)}` : `${node.busySlots} of ${node.slots} slots`}
        </span>
      </p>
      <div className={offline ? styles.dimmed : undefined}>
        <div className={styles.cpu}>
          <span className={styles.cpuValue}>
            CPU <b data-field="cpu">{withUnit(offline ? null : node.cpuPercent, '%')}</b>
          </span>
          <Sparkline values={cpu} width={150} height={24} max={100} label={`CPU of ${node.name}, last two minutes`} />
          <span className={styles.temperature}>{withUnit(offline ? null : node.temperatureCelsius, '°C')}</span>
        </div>
        <Work node={node} />
        <dl className={styles.facts}>
          <div>
            <dt>Frames/s</dt>
            <dd>{framesPerSecond(offline ? 0 : node.fps)}</dd>
          </div>
          <div>
            <dt>Memory</dt>
            <dd>
              {bytes(node.memoryUsedBytes)} / {bytes(node.memoryBytes)}
              {node.taskMemoryBytes === node.memoryBytes ? '' : `, ${bytes(node.taskMemoryBytes)} for tasks`}
            </dd>
          </div>
          <div>
            <dt>Disk free</dt>
            <dd>{bytes(node.freeDiskBytes)}</dd>
          </div>
          <div>
            <dt>Tasks</dt>
            <dd>
              {node.completed} ok, {node.failed} failed, {node.lost} lost
            </dd>
          </div>
          <div>
            <dt>FFmpeg</dt>
            <dd>{node.ffmpegVersion ?? unknown}</dd>
          </div>
          {node.tags.length > 0 || node.kinds !== null ? (
            <div data-field="tags">
              <dt>Takes</dt>
              <dd>{takesText(node)}</dd>
            </div>
          ) : null}
          <Hardware hardware={node.hardware} />
        </dl>
      </div>
      <Lending node={node} />
      <Quarantine quarantine={node.quarantine} />
      <Absence node={node} />
    </li>
  );
});
