import { timing } from '@reelmill/protocol';
import type { Draft, RejectionReason } from './draft.ts';
import { loseLease, renewHeld } from './leases.ts';
import type { ClockMs, Command, NodeRecord, SchedulerState, TaskPlan } from './model.ts';
import { leasesOf, taskOf } from './state.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** A node that has missed two heartbeats gets nothing new: its lease would only be lost. */
const silentAfterMs = 2.5 * timing.heartbeatIntervalMs;

/**
 * A node connects, perhaps again. What it still holds goes on; what it should hold but does not was lost on the way
 * and is queued again at once. `held` must also name attempts whose results are not acknowledged yet.
 */
export function joinNode(draft: Draft, command: CommandOf<'join-node'>): RejectionReason | null {
  const { node, held } = command;
  draft.emit({ type: 'node-joined', node: { ...node, draining: false, lastSeenAt: draft.at } });
  const { nodeId } = node;
  const attempts = new Map(held.map((lease) => [lease.taskId, lease.attempt]));
  for (const [taskId, lease] of leasesOf(draft.state, nodeId)) {
    const sameClass = fitsClass(taskOf(draft.state, taskId).plan, node.toolchainClass);
    if (sameClass && attempts.get(taskId) === lease.attempt) continue;
    loseLease(draft, taskId, { reason: 'disconnected', error: null, avoidNode: false });
  }
  renewHeld(draft, nodeId, held);
  return null;
}

/** A node that says goodbye gives its leases back; one that vanishes keeps them until they expire. */
export function leaveNode(draft: Draft, { nodeId, reason }: CommandOf<'leave-node'>): RejectionReason | null {
  if (!draft.state.nodes.has(nodeId)) return 'unknown-node';
  draft.emit({ type: 'node-left', nodeId });
  if (reason === 'disconnected') return null;
  for (const taskId of leasesOf(draft.state, nodeId).keys()) {
    loseLease(draft, taskId, { reason: 'disconnected', error: null, avoidNode: false });
  }
  return null;
}

export function drainNode(draft: Draft, command: CommandOf<'drain-node'>): RejectionReason | null {
  const { nodeId, draining } = command;
  if (!draft.state.nodes.has(nodeId)) return 'unknown-node';
  draft.emit({ type: 'node-draining', nodeId, draining });
  return null;
}

export const fitsClass = (plan: TaskPlan, toolchainClass: string): boolean =>
  plan.toolchainClass === null || plan.toolchainClass === toolchainClass;

/** Connected nodes that may run the task, whether or not they have a free slot now. */
export function eligibleNodes(state: SchedulerState, plan: TaskPlan): NodeRecord[] {
  return [...state.nodes.values()].filter((node) => !node.draining && fitsClass(plan, node.toolchainClass));
}

export const isSilent = (node: NodeRecord, at: ClockMs): boolean => at - node.lastSeenAt > silentAfterMs;

/**
 * Tasks the node could start now. Attempts that only deliver their result take no slot, but at most as many as it has
 * slots, so that a slow link cannot pile up finished work.
 */
export function freeSlots(state: SchedulerState, node: NodeRecord): number {
  const held = leasesOf(state, node.nodeId);
  let delivering = 0;
  for (const lease of held.values()) delivering += Number(lease.delivering);
  return Math.max(0, node.slots - (held.size - Math.min(delivering, node.slots)));
}
