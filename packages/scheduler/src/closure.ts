import type { NodeId } from '@reelmill/protocol';
import type { Obstacle } from './eligibility.ts';
import type { DurableEvent } from './event.ts';
import type { NodeRecord, SchedulerState } from './model.ts';

type EventOf<T extends DurableEvent['type']> = Extract<DurableEvent, { type: T }>;
type Closed = Extract<Obstacle, { kind: 'paused' | 'outside-hours' | 'hours-unheard' | 'in-use' }>;

/** Whether it gets nothing new: by the farm's pause, by its own word, or because it has not confirmed the farm's hours. */
export const isClosed = (state: SchedulerState, node: NodeRecord): boolean =>
  node.closure !== null || state.pauses.has(node.nodeId) || !followsHours(state, node);

/** Whether the node keeps the hours that the farm set for it, by its own word; true where there are none. */
export function followsHours({ hours }: SchedulerState, { nodeId, farmHours }: NodeRecord): boolean {
  const set = hours.get(nodeId);
  return set === undefined || set.schedule === farmHours;
}

/** Why it gets nothing new; the farm's pause first, because the farm can end it. */
export function closureOf(state: SchedulerState, node: NodeRecord): Closed | null {
  const { nodeId, closure } = node;
  const pause = state.pauses.get(nodeId);
  if (pause !== undefined) return { kind: 'paused', by: pause.by, where: 'farm' };
  if (closure === null) return followsHours(state, node) ? null : { kind: 'hours-unheard' };
  const { reason, by, until } = closure;
  if (reason === 'paused') return { kind: reason, by: by ?? 'someone', where: 'machine' };
  return reason === 'in-use' ? { kind: reason } : { kind: reason, by, until };
}

export function pauseNode(state: SchedulerState, event: EventOf<'node-paused'>): SchedulerState {
  const { nodeId, mode, by, iso } = event;
  return { ...state, pauses: new Map(state.pauses).set(nodeId, { mode, by, since: iso }) };
}

export function resumeNode(state: SchedulerState, nodeId: NodeId): SchedulerState {
  const pauses = new Map(state.pauses);
  pauses.delete(nodeId);
  return { ...state, pauses };
}

export function setHours(state: SchedulerState, event: EventOf<'node-hours-set'>): SchedulerState {
  const { nodeId, schedule, by, iso } = event;
  const hours = new Map(state.hours);
  if (schedule === null) hours.delete(nodeId);
  else hours.set(nodeId, { schedule, by, since: iso });
  return { ...state, hours };
}
