import type { FarmChange, NodeView } from '@reelmill/protocol';
import { same } from './jobChanges.ts';

/**
 * Changes of the nodes' rows. A patch appends unknown nodes, so one that left and came back between two patches is now
 * further down: it and all that should follow it are taken off first.
 */
export function nodeChanges(before: readonly NodeView[], after: readonly NodeView[]): FarmChange[] {
  const known = new Map(before.map((node) => [node.nodeId, node]));
  const kept = new Set(after.map((node) => node.nodeId));
  const order = before.filter((node) => kept.has(node.nodeId)).map((node) => node.nodeId);
  const firstMoved = after.findIndex((node, position) => order[position] !== node.nodeId);
  const staying = new Set(order.slice(0, firstMoved === -1 ? undefined : firstMoved));
  const removed = before.filter((node) => !staying.has(node.nodeId));
  const changed = after.filter((node) => !staying.has(node.nodeId) || !same(known.get(node.nodeId), node));
  return [
    ...removed.map((node): FarmChange => ({ kind: 'node-removed', nodeId: node.nodeId })),
    ...changed.map((node): FarmChange => ({ kind: 'node-changed', node })),
  ];
}
