import type { NodeView } from '@reelmill/protocol';
import type { SchedulerState } from '@reelmill/scheduler';

/** The node as people see it, with the reason why it gets no work, if it gets none. */
export function withQuarantine(view: NodeView, { trust, nodes }: Pick<SchedulerState, 'trust' | 'nodes'>): NodeView {
  const node = { ...view, diskLow: nodes.get(view.nodeId)?.disk?.low ?? false };
  const quarantine = trust.get(node.nodeId)?.quarantine ?? null;
  if (quarantine === null) return node;
  return { ...node, quarantine: { since: quarantine.sinceIso, error: quarantine.error } };
}
