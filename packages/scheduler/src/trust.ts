import { type ErrorCode, type NodeId, retryLimits } from '@reelmill/protocol';
import type { DurableEvent } from './event.ts';
import type { NodeTrust, SchedulerState, TaskState } from './model.ts';

type EventOf<T extends DurableEvent['type']> = Extract<DurableEvent, { type: T }>;

/** Errors that say: the node delivered, and what it delivered is wrong. Hashes are not among them: the store may be at fault. */
const badResultCodes: ReadonlySet<ErrorCode> = new Set(['FRAME_COUNT', 'TIMESTAMPS_WRONG', 'OVERLAP_MISMATCH']);

export const isBadResult = (code: ErrorCode): boolean => badResultCodes.has(code);

/** Whether the node gets no work on this farm until its owner releases it. */
export const isQuarantined = (state: SchedulerState, nodeId: NodeId): boolean =>
  state.trust.get(nodeId)?.quarantine != null;

/**
 * Another node did well what these did badly: only now a bad result counts against its node, so that a damaged source,
 * which every node fails, puts nobody under quarantine.
 */
export function convict(state: SchedulerState, task: TaskState, goodNode: NodeId | 'house'): SchedulerState {
  let { trust } = state;
  for (const nodeId of task.badResultsOf ?? []) {
    const known: NodeTrust = trust.get(nodeId) ?? { badResults: [], quarantine: null };
    if (nodeId === goodNode || known.badResults.includes(task.plan.taskId)) continue;
    if (known.badResults.length >= retryLimits.badResultLimit) continue;
    trust = new Map(trust).set(nodeId, { ...known, badResults: [...known.badResults, task.plan.taskId] });
  }
  return trust === state.trust ? state : { ...state, trust };
}

export function quarantine(state: SchedulerState, event: EventOf<'node-quarantined'>): SchedulerState {
  const { nodeId, error, iso } = event;
  const badResults = state.trust.get(nodeId)?.badResults ?? [];
  const trust = new Map(state.trust).set(nodeId, { badResults, quarantine: { error, sinceIso: iso } });
  return { ...state, trust };
}

/** With a clean sheet. */
export function release(state: SchedulerState, nodeId: NodeId): SchedulerState {
  const trust = new Map(state.trust);
  trust.delete(nodeId);
  return { ...state, trust };
}
