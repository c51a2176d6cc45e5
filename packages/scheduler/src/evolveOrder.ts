import type { DurableEvent, VolatileEvent } from './event.ts';
import { addBusy, emptyWork } from './jobIndex.ts';
import { charge, relane } from './lanes.ts';
import type { Place, SchedulerState, TaskPlan } from './model.ts';
import { countSpace } from './spaceIndex.ts';
import { jobOf } from './state.ts';

type EventOf<T extends (DurableEvent | VolatileEvent)['type']> = Extract<DurableEvent | VolatileEvent, { type: T }>;

const places: readonly Place[] = ['farm', 'house'];

/** The job goes to another lane, or to another place in its lane. */
export function orderJob(state: SchedulerState, event: EventOf<'job-ordered'>): SchedulerState {
  const { jobId } = event;
  const job = jobOf(state, jobId);
  const order = { ...job.order, ...event.order };
  const jobs = state.jobs.set(jobId, { ...job, order });
  const work = state.index.work.get(jobId) ?? emptyWork;
  const waitingSince = job.order.held && !order.held ? bothAt(state.clock) : work.waitingSince;
  let { order: lanes, busySlots } = state.index;
  for (const place of places) {
    if (work.queued[place].length === 0) continue;
    lanes = { ...lanes, [place]: relane(lanes[place], { jobId, from: job.order, to: order }, jobs) };
  }
  busySlots = addBusy(busySlots, job.order.queue, -work.busySlots);
  busySlots = addBusy(busySlots, order.queue, work.busySlots);
  const index = {
    ...state.index,
    order: lanes,
    busySlots,
    work: state.index.work.set(jobId, { ...work, waitingSince }),
  };
  const nextRank = Math.max(state.nextRank, Math.floor(order.rank) + 1);
  return countSpace(state, { ...state, jobs, index, nextRank }, jobId);
}

/** The submitter received service, and the job waits anew. */
export function noteGrant(state: SchedulerState, { jobId, place, costSeconds }: TaskPlan): SchedulerState {
  const { index } = state;
  const work = index.work.get(jobId) ?? emptyWork;
  const waitingSince = { ...work.waitingSince, [place]: state.clock };
  const order = { ...index.order, [place]: charge(index.order[place], jobOf(state, jobId).order, costSeconds) };
  return { ...state, index: { ...index, order, work: index.work.set(jobId, { ...work, waitingSince }) } };
}

/** A new process has a new clock: every wait begins anew. */
export function restartWaits(state: SchedulerState): SchedulerState {
  const waitingSince = bothAt(state.clock);
  const work = state.index.work.mapValues((one) => ({ ...one, waitingSince }));
  const order = {
    farm: { ...state.index.order.farm, turnDueAt: state.clock },
    house: { ...state.index.order.house, turnDueAt: state.clock },
  };
  return { ...state, index: { ...state.index, work, order } };
}

export function setTurnDue(state: SchedulerState, { place, at }: EventOf<'turn-due'>): SchedulerState {
  const order = { ...state.index.order, [place]: { ...state.index.order[place], turnDueAt: at } };
  return { ...state, index: { ...state.index, order } };
}

export function pauseFarm(state: SchedulerState, { stopAfter }: EventOf<'farm-paused'>): SchedulerState {
  return { ...state, gate: stopAfter === null ? { paused: true, stopAfter: null } : { paused: false, stopAfter } };
}

export const resumeFarm = (state: SchedulerState): SchedulerState => ({
  ...state,
  gate: { paused: false, stopAfter: null },
});

const bothAt = (at: number) => ({ farm: at, house: at });
