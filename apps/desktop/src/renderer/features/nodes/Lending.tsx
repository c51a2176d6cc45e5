import { type NodeView, nodeRemark } from '@reelmill/protocol';
import { pauseNode, resumeNode } from '../../store/jobActions.ts';
import { Button } from '../../ui/Button.tsx';
import styles from './Nodes.module.css';

const terms = ({ lending }: NodeView): string[] => {
  if (lending === null) return [];
  const { schedule, easeOff, cpuLimitPercent } = lending;
  return [
    schedule === null ? '' : `lent ${schedule}`,
    easeOff === 'off' ? '' : `eases off by ${easeOff === 'load' ? 'the load of others' : 'keyboard and pointer'}`,
    cpuLimitPercent === null ? '' : `at most ${cpuLimitPercent} % of its processors`,
  ].filter((term) => term !== '');
};

/** Whether the machine is lent just now and why not, with the buttons that change it. */
export function Lending({ node }: { node: NodeView }) {
  const isHere = node.state === 'ready' || node.state === 'rendering';
  if (!isHere && node.pause === null) return null;
  const remark = nodeRemark(node);
  const lines = terms(node);
  return (
    <div className={styles.lending} data-field="lending">
      {remark === null ? null : <p className={styles.cause}>Takes nothing new: {remark}.</p>}
      {node.cpuBack === null ? null : (
        <p className={styles.muted} data-field="cpu-back">
          Processor free {(node.cpuBack.milliseconds / 1000).toFixed(1)} s after the last request
        </p>
      )}
      {lines.length === 0 ? null : <p className={styles.muted}>{lines.join('; ')}</p>}
      <p className={styles.lendingButtons}>
        {node.pause === null ? (
          <Button onClick={() => pauseNode(node.nodeId, false)}>Pause after chunks</Button>
        ) : (
          <Button onClick={() => resumeNode(node.nodeId)}>Resume</Button>
        )}
        {node.pause?.mode === 'now' ? null : <Button onClick={() => pauseNode(node.nodeId, true)}>Pause now</Button>}
      </p>
    </div>
  );
}
