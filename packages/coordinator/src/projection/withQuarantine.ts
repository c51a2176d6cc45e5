import type { NodeView } from '@reelmill/protocol';
import type { SchedulerState } from '@reelmill/scheduler';

/** The node as people see it, with the reason why it gets no work, if it gets none. */
export function withQuarantine(node: NodeView, trust: SchedulerState['trust']): NodeView {
  const quarantine = trust.get(node.nodeId)?.quarantine ?? null;
  if (quarantine === null) return node;
  return { ...node, quarantine: { since: quarantine.sinceIso, error: quarantine.error } };
}
