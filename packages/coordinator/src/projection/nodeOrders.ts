import type { NodeId } from '@reelmill/protocol';
import type { NodeTrust, SchedulerState } from '@reelmill/scheduler';

/** What the scheduler knows of a node that keeps work from it. */
export interface NodeOrders {
  readonly quarantine: NonNullable<NodeTrust['quarantine']> | null;
  readonly diskLow: boolean;
}

export function nodeOrders({ trust, nodes }: Pick<SchedulerState, 'trust' | 'nodes'>, nodeId: NodeId): NodeOrders {
  return {
    quarantine: trust.get(nodeId)?.quarantine ?? null,
    diskLow: nodes.get(nodeId)?.disk?.low ?? false,
  };
}

export const sameOrders = (before: NodeOrders, now: NodeOrders): boolean =>
  before.quarantine === now.quarantine && before.diskLow === now.diskLow;
