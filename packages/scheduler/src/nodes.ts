import { timing } from '@reelmill/protocol';
import { isClosed } from './closure.ts';
import type { Command } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import { giveBack, loseLease, renewHeld } from './leases.ts';
import type { NodeRecord, SchedulerState, TaskPlan } from './model.ts';
import { loadOf, type NodeLoad, wanting } from './nodeLoad.ts';
import { leasesOf, taskOf } from './state.ts';
import { isQuarantined } from './trust.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** A node that has missed two heartbeats gets nothing new: its lease would only be lost. */
const silentAfterMs = 2.5 * timing.heartbeatIntervalMs;

/**
 * A node connects, perhaps again. What it still holds goes on; what it should hold but does not was lost on the way
 * and is queued again at once. `held` must also name attempts whose results are not acknowledged yet.
 */
export function joinNode(draft: Draft, command: CommandOf<'join-node'>): RejectionReason | null {
  const { node, held, givenBack = [] } = command;
  const { disk, closure = null, ...facts } = node;
  const { nodeId } = facts;
  draft.emit({ type: 'node-joined', node: { ...facts, closure }, at: draft.at, ...(disk && { disk }) });
  const pause = draft.state.pauses.get(nodeId);
  if (pause !== undefined) draft.effect({ type: 'tell-pause', nodeId, pause });
  const hours = draft.state.hours.get(nodeId);
  if (hours !== undefined) draft.effect({ type: 'tell-hours', nodeId, hours });
  giveBack(draft, nodeId, givenBack);
  const attempts = new Map(held.map((lease) => [lease.taskId, lease.attempt]));
  for (const [taskId, lease] of leasesOf(draft.state, nodeId)) {
    const sameClass = fitsClass(taskOf(draft.state, taskId).plan, node);
    if (sameClass && attempts.get(taskId) === lease.attempt) continue;
    loseLease(draft, { taskId, attempt: lease.attempt }, { reason: 'disconnected', error: null, avoidNode: false });
  }
  renewHeld(draft, nodeId, held);
  return null;
}

/** A node that says goodbye gives its leases back; one that vanishes keeps them until they expire. */
export function leaveNode(draft: Draft, { nodeId, reason }: CommandOf<'leave-node'>): RejectionReason | null {
  if (!draft.state.nodes.has(nodeId)) return 'unknown-node';
  draft.emit({ type: 'node-left', nodeId });
  if (reason === 'disconnected') return null;
  for (const [taskId, { attempt }] of leasesOf(draft.state, nodeId)) {
    loseLease(draft, { taskId, attempt }, { reason: 'disconnected', error: null, avoidNode: false });
  }
  return null;
}

/** The node found out which hardware encoders work: from now on it may also run what needs those. */
export function proveNode(draft: Draft, command: CommandOf<'prove-node'>): RejectionReason | null {
  const { nodeId, hardwareClasses } = command;
  if (!draft.state.nodes.has(nodeId)) return 'unknown-node';
  draft.emit({ type: 'node-proved', nodeId, hardwareClasses });
  return null;
}

type Classes = Pick<NodeRecord, 'toolchainClass' | 'hardwareClasses'>;

/** Whether the node is of the task's class, by its FFmpeg or by what its hardware proved. */
export const fitsClass = ({ toolchainClass: wanted }: TaskPlan, node: Classes): boolean =>
  wanted === null || wanted === node.toolchainClass || (node.hardwareClasses?.includes(wanted) ?? false);

type Moment = Pick<Draft, 'state' | 'at'>;

export const isSilent = ({ state, at }: Moment, { nodeId }: NodeRecord): boolean =>
  at - (state.heard.get(nodeId)?.at ?? at) > silentAfterMs;

/** Whether it may be given anything now. */
export const takesWork = (moment: Moment, node: NodeRecord): boolean =>
  !isClosed(moment.state, node) && !isSilent(moment, node) && !isQuarantined(moment.state, node.nodeId);

const loadOn = (state: SchedulerState, { nodeId }: NodeRecord): NodeLoad =>
  loadOf(state.index.leases.get(nodeId), state.tasks);

/** Tasks the node could start now in a slot. */
export const freeSlots = ({ index }: SchedulerState, { nodeId }: NodeRecord): number => index.room.get(nodeId) ?? 0;

/** Tasks that wait at the node for one of its slots. */
export const tasksAhead = (state: SchedulerState, node: NodeRecord): number =>
  Math.max(0, wanting(loadOn(state, node), node.slots) - node.slots);

/** Tasks the node could start now beside its slots: 1 or 0. */
export const roomBeside = (state: SchedulerState, node: NodeRecord): number =>
  loadOn(state, node).beside === 0 ? 1 : 0;
