import type { NodeClosure, NodeId, NodePause } from '@reelmill/protocol';
import type { NodeTrust, SchedulerState } from '@reelmill/scheduler';

/** What the scheduler knows of a node that keeps work from it. */
export interface NodeOrders {
  readonly quarantine: NonNullable<NodeTrust['quarantine']> | null;
  readonly pause: NodePause | null;
  readonly closure: NodeClosure | null;
  readonly diskLow: boolean;
}

export function nodeOrders({ trust, pauses, nodes, heard }: SchedulerState, nodeId: NodeId): NodeOrders {
  const node = nodes.get(nodeId);
  return {
    quarantine: trust.get(nodeId)?.quarantine ?? null,
    pause: pauses.get(nodeId) ?? null,
    closure: node?.closure ?? null,
    diskLow: heard.get(nodeId)?.disk?.low ?? false,
  };
}

export const sameOrders = (before: NodeOrders, now: NodeOrders): boolean =>
  before.quarantine === now.quarantine &&
  before.pause === now.pause &&
  before.closure === now.closure &&
  before.diskLow === now.diskLow;
