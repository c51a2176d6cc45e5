import type { JobId } from '@reelmill/protocol';
import type { Draft } from './draft.ts';
import { levelOf } from './jobOrder.ts';
import type { ClockMs, Place } from './model.ts';

/**
 * No starvation: a job that has waited this long at a place while jobs of a higher priority go before it is overdue.
 * Overdue jobs are let in one at a time, longest wait first, one for each eight slots (at least one) in this time; turns
 * missed because no slot was free are made up for, as far as they lie within this time. Hence with n jobs waiting on a
 * farm of s slots, whose chunks take no longer than this, each gets a slot within
 * `agingMs * (1 + n / max(1, floor(s / 8)))` and the length of one chunk, and urgent work keeps about seven slots of
 * eight. Waits begin anew when the coordinator restarts.
 */
export const agingMs = 5 * 60_000;
/** An overdue job that nothing free fits is looked at again after this time. */
const lookAgainMs = 1_000;

export const turnIntervalMs = (slots: number): ClockMs => agingMs / Math.max(1, Math.floor(slots / 8));

export interface OverduePlace {
  readonly place: Place;
  slots(): number;
  /** Lanes that get anything new at all: those behind a stop marker do not. */
  readonly mayStart: (jobId: JobId) => boolean;
}

/** Overdue jobs, longest wait first; empty while no turn is due. Walks the jobs only when one may be. */
export function overdueJobs(draft: Draft, { place, mayStart }: OverduePlace): readonly JobId[] {
  const { lanes, turnDueAt } = draft.state.index.order[place];
  if (draft.at < turnDueAt || lanes.size < 2) return [];
  const first = Math.min(...[...lanes.values()].map(({ priority }) => levelOf(priority)));
  const passedOver = [...lanes.values()].filter(({ priority }) => levelOf(priority) > first);
  if (passedOver.length === 0) return [];
  const sinceOf = (jobId: JobId): ClockMs => draft.state.index.work.get(jobId)?.waitingSince[place] ?? draft.at;
  const waiting = passedOver
    .flatMap(({ jobs }) => [...jobs].filter(mayStart))
    .map((jobId) => ({ jobId, since: sinceOf(jobId) }));
  const overdue = waiting.filter(({ since }) => since + agingMs <= draft.at);
  const longest = waiting.reduce((least, { since }) => Math.min(least, since), draft.at);
  if (overdue.length === 0) postpone(draft, place, longest + agingMs);
  return overdue.sort((left, right) => left.since - right.since).map(({ jobId }) => jobId);
}

/** After a turn was taken, or was due without anything that fits. */
export function endTurn(draft: Draft, { place, slots }: OverduePlace, taken: boolean): void {
  const { turnDueAt } = draft.state.index.order[place];
  const nextAt = Math.max(turnDueAt, draft.at - agingMs) + turnIntervalMs(slots());
  postpone(draft, place, taken ? nextAt : draft.at + lookAgainMs);
}

const postpone = (draft: Draft, place: Place, at: ClockMs): void => draft.emit({ type: 'turn-due', place, at });
