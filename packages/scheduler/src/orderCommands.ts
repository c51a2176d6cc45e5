import type { JobId, JobPosition } from '@reelmill/protocol';
import type { Command } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import { compareRanks, type JobOrder } from './jobOrder.ts';
import type { JobRecord, SchedulerState } from './model.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** Changes a job's place among the others. An ended job keeps what it had; one can only be moved next to its equals. */
export function orderJob(draft: Draft, command: CommandOf<'order-job'>): RejectionReason | null {
  const { jobId } = command;
  const { position, ...order } = command.change;
  const job = draft.state.jobs.get(jobId);
  if (job === undefined) return 'unknown-job';
  if (job.phase.kind !== 'active') return 'job-state';
  const moved = { ...job, order: { ...job.order, ...order } };
  if (position === undefined) return emitOrder(draft, jobId, order);
  let rank = rankAt(draft.state, moved, position);
  if (rank === 'crowded') {
    respace(draft, moved);
    rank = rankAt(draft.state, moved, position);
  }
  return typeof rank === 'number' ? emitOrder(draft, jobId, { ...order, rank }) : 'order';
}

function emitOrder(draft: Draft, jobId: JobId, order: Partial<JobOrder>): null {
  draft.emit({ type: 'job-ordered', v: 1, jobId, order });
  return null;
}

/** With `stopAfter`, jobs behind that one get nothing new from now on, and the farm is paused when it ends. */
export function pauseFarm(draft: Draft, { stopAfter, iso }: CommandOf<'pause-farm'>): RejectionReason | null {
  if (stopAfter !== null) {
    const job = draft.state.jobs.get(stopAfter);
    if (job === undefined) return 'unknown-job';
    if (job.phase.kind !== 'active') return 'job-state';
  }
  const { gate } = draft.state;
  if (stopAfter === null ? gate.paused : gate.stopAfter === stopAfter) return null;
  draft.emit({ type: 'farm-paused', v: 1, stopAfter, iso });
  return null;
}

export function resumeFarm(draft: Draft, { iso }: CommandOf<'resume-farm'>): RejectionReason | null {
  const { paused, stopAfter } = draft.state.gate;
  if (paused || stopAfter !== null) draft.emit({ type: 'farm-resumed', v: 1, iso });
  return null;
}

/** Jobs of its priority in order, without itself. A walk through all jobs: only what a person asks for does that. */
function peersOf(state: SchedulerState, job: JobRecord): JobRecord[] {
  const peers = [...state.jobs.values()].filter(
    ({ jobId, order }) => jobId !== job.jobId && order.priority === job.order.priority,
  );
  return peers.sort(compareRanks);
}

/** Its rank at that place; `crowded` where no number is left between its new neighbours; null where there is no such place. */
function rankAt(state: SchedulerState, job: JobRecord, position: JobPosition): number | 'crowded' | null {
  if (position === 'bottom') return state.nextRank;
  const peers = peersOf(state, job);
  if (position === 'top') return (peers[0]?.order.rank ?? state.nextRank) - 1;
  const anchor = 'before' in position ? position.before : position.after;
  const index = peers.findIndex(({ jobId }) => jobId === anchor);
  if (index < 0) return null;
  const at = 'before' in position ? index : index + 1;
  const above = peers[at - 1]?.order.rank;
  const below = peers[at]?.order.rank;
  if (above === undefined) return (below ?? state.nextRank) - 1;
  if (below === undefined) return state.nextRank;
  const middle = (above + below) / 2;
  return above < middle && middle < below ? middle : 'crowded';
}

/** Whole numbers again, in the same order. */
function respace(draft: Draft, job: JobRecord): void {
  for (const { jobId } of peersOf(draft.state, job)) emitOrder(draft, jobId, { rank: draft.state.nextRank });
}
