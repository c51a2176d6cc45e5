import type { NodeId } from '@reelmill/protocol';
import type { Obstacle } from './eligibility.ts';
import type { DurableEvent } from './event.ts';
import type { NodeRecord, SchedulerState } from './model.ts';

type EventOf<T extends DurableEvent['type']> = Extract<DurableEvent, { type: T }>;
type Closed = Extract<Obstacle, { kind: 'paused' | 'outside-hours' | 'in-use' }>;

/** Whether it gets nothing new, by the farm's pause or by its own word. */
export const isClosed = ({ pauses }: SchedulerState, { nodeId, closure }: NodeRecord): boolean =>
  closure !== null || pauses.has(nodeId);

/** Why it gets nothing new; the farm's pause first, because the farm can end it. */
export function closureOf({ pauses }: SchedulerState, { nodeId, closure }: NodeRecord): Closed | null {
  const pause = pauses.get(nodeId);
  if (pause !== undefined) return { kind: 'paused', by: pause.by, where: 'farm' };
  if (closure === null) return null;
  const { reason, by, until } = closure;
  if (reason === 'paused') return { kind: reason, by: by ?? 'someone', where: 'machine' };
  return reason === 'in-use' ? { kind: reason } : { kind: reason, until };
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
