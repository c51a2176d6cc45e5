import { type NodeView, nodeRemark } from '@reelmill/protocol';
import { useState } from 'react';
import { pauseNode, resumeNode } from '../../store/jobActions.ts';
import { Button } from '../../ui/Button.tsx';
import { NodeHours } from './NodeHours.tsx';
import styles from './Nodes.module.css';

const terms = ({ lending, hours }: NodeView): string[] => {
  const farmHours = hours === null ? '' : `used ${hours.schedule} (set by ${hours.by})`;
  if (lending === null) return [farmHours].filter((term) => term !== '');
  const { schedule, easeOff, cpuLimitPercent } = lending;
  return [
    farmHours,
    schedule === null ? '' : `lent ${schedule}`,
    easeOff === 'off' ? '' : `eases off by ${easeOff === 'load' ? 'the load of others' : 'keyboard and pointer'}`,
    cpuLimitPercent === null ? '' : `at most ${cpuLimitPercent} % of its processors`,
  ].filter((term) => term !== '');
};

/** Whether the machine is lent just now and why not, with the buttons that change it. */
export function Lending({ node }: { node: NodeView }) {
  const isHere = node.state === 'ready' || node.state === 'rendering';
  const [isEditing, setEditing] = useState(false);
  const remark = nodeRemark(node);
  const lines = terms(node);
  if (!isHere && node.pause === null && node.hours === null) return null;
  return (
    <div className={styles.lending} data-field="lending">
      {remark === null ? null : <p className={styles.cause}>Takes nothing new: {remark}.</p>}
      {node.cpuBack === null ? null : (
        <p className={styles.muted} data-field="cpu-back">
          Processor free {(node.cpuBack.milliseconds / 1000).toFixed(1)} s after the last request
        </p>
      )}
      {lines.length === 0 ? null : <p className={styles.muted}>{lines.join('; ')}</p>}
      {isEditing ? (
        <NodeHours node={node} close={() => setEditing(false)} />
      ) : (
        <p className={styles.lendingButtons}>
          {node.pause === null ? (
            <Button onClick={() => pauseNode(node.nodeId, false)}>Pause after chunks</Button>
          ) : (
            <Button onClick={() => resumeNode(node.nodeId)}>Resume</Button>
          )}
          {node.pause?.mode === 'now' ? null : <Button onClick={() => pauseNode(node.nodeId, true)}>Pause now</Button>}
          <Button onClick={() => setEditing(true)}>Hours…</Button>
        </p>
      )}
    </div>
  );
}
