import type { NodeView } from '@reelmill/protocol';
import type { SchedulerState } from '@reelmill/scheduler';

/** The node as people see it, with the reasons why it gets no work, if it gets none. */
export function withQuarantine(node: NodeView, { trust, pauses, nodes }: SchedulerState): NodeView {
  const quarantine = trust.get(node.nodeId)?.quarantine ?? null;
  const pause = pauses.get(node.nodeId) ?? null;
  const closure = nodes.get(node.nodeId)?.closure ?? null;
  if (quarantine === null && pause === null && closure === null) return node;
  const since = quarantine && { since: quarantine.sinceIso, error: quarantine.error };
  return { ...node, quarantine: since, pause, closure };
}
