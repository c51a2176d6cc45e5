import type { NodeClosure, NodeHours, NodeId, NodePause } from '@reelmill/protocol';
import { followsHours, type NodeTrust, type SchedulerState } from '@reelmill/scheduler';

/** What the scheduler knows of a node that keeps work from it. */
export interface NodeOrders {
  readonly quarantine: NonNullable<NodeTrust['quarantine']> | null;
  readonly pause: NodePause | null;
  readonly closure: NodeClosure | null;
  readonly hours: NodeHours | null;
  /** Whether its agent said that it follows them. */
  readonly followsHours: boolean;
  readonly diskLow: boolean;
}

export function nodeOrders(state: SchedulerState, nodeId: NodeId): NodeOrders {
  const { trust, pauses, hours, nodes, heard } = state;
  const node = nodes.get(nodeId);
  return {
    quarantine: trust.get(nodeId)?.quarantine ?? null,
    pause: pauses.get(nodeId) ?? null,
    closure: node?.closure ?? null,
    hours: hours.get(nodeId) ?? null,
    followsHours: node !== undefined && followsHours(state, node),
    diskLow: heard.get(nodeId)?.disk?.low ?? false,
  };
}

export const sameOrders = (before: NodeOrders, now: NodeOrders): boolean =>
  before.quarantine === now.quarantine &&
  before.pause === now.pause &&
  before.closure === now.closure &&
  before.hours === now.hours &&
  before.followsHours === now.followsHours &&
  before.diskLow === now.diskLow;
