import type { JobId, JobPriority } from '@reelmill/protocol';
import { compareRanks, type JobOrder } from './jobOrder.ts';
import { LongList } from './longList.ts';
import type { ClockMs, JobRecord } from './model.ts';

/** Jobs of one priority, queue and submitter that have queued tasks and are not held, in order of rank; never empty. */
export interface Lane {
  readonly priority: JobPriority;
  readonly submitter: string;
  readonly queue: string | null;
  readonly jobs: LongList<JobId>;
}

/** What decides between jobs at one place, so that no decision walks them all. */
export interface PlaceOrder {
  readonly lanes: ReadonlyMap<string, Lane>;
  /**
   * Predicted seconds of work granted to each submitter within a priority: the one with least comes first. Who comes
   * back after a pause starts at `floor`, so that nobody saves up (start-time fair queueing, Goyal, Vin and Cheng, 1996).
   */
  readonly service: ReadonlyMap<string, number>;
  /** By priority: what the submitter served last had received when it was served. */
  readonly floor: ReadonlyMap<JobPriority, number>;
  /** No job is let in out of turn before then: see `overdue.ts`. */
  readonly turnDueAt: ClockMs;
}

export const emptyPlaceOrder: PlaceOrder = { lanes: new Map(), service: new Map(), floor: new Map(), turnDueAt: 0 };

type LaneFacts = Pick<JobOrder, 'priority' | 'submitter' | 'queue'>;
export const laneKey = ({ priority, submitter, queue }: LaneFacts): string => `${priority} ${queue ?? ''} ${submitter}`;
const shareKey = ({ priority, submitter }: Omit<LaneFacts, 'queue'>): string => `${priority} ${submitter}`;

export const serviceOf = (place: PlaceOrder, share: Omit<LaneFacts, 'queue'>): number =>
  place.service.get(shareKey(share)) ?? 0;

/** Where a job was and where it is now; null: in no lane. */
export interface LaneChange {
  readonly jobId: JobId;
  readonly from: JobOrder | null;
  readonly to: JobOrder | null;
}

type Jobs = ReadonlyMap<JobId, JobRecord>;

/** Takes a job out of its lane, puts it into another, or both. */
export function relane(place: PlaceOrder, change: LaneChange, jobs: Jobs): PlaceOrder {
  const { jobId, from, to } = change;
  const left = from === null || from.held ? place : leaveLane(place, { jobId, order: from, jobs });
  return to === null || to.held ? left : enterLane(left, { jobId, order: to, jobs });
}

interface Passage {
  readonly jobId: JobId;
  /** Of the job in that lane. */
  readonly order: JobOrder;
  readonly jobs: Jobs;
}

/** Whether another job of the lane stands before this one. */
function standsBefore({ jobId, order, jobs }: Passage): (other: JobId) => boolean {
  const rankedOf = (id: JobId) => {
    const { sequence = 0, order: known = order } = jobs.get(id) ?? {};
    return { sequence, order: id === jobId ? order : known };
  };
  const own = rankedOf(jobId);
  return (other) => compareRanks(rankedOf(other), own) < 0;
}

function leaveLane(place: PlaceOrder, leaving: Passage): PlaceOrder {
  const key = laneKey(leaving.order);
  const lane = place.lanes.get(key);
  if (lane === undefined) return place;
  const lanes = new Map(place.lanes);
  const jobs = lane.jobs.remove(standsBefore(leaving));
  if (jobs.length === 0) lanes.delete(key);
  else lanes.set(key, { ...lane, jobs });
  return { ...place, lanes };
}

function enterLane(place: PlaceOrder, entering: Passage): PlaceOrder {
  const { jobId, order } = entering;
  const { priority, submitter, queue } = order;
  const key = laneKey(order);
  const lane = place.lanes.get(key) ?? { priority, submitter, queue, jobs: LongList.empty<JobId>() };
  const jobs = lane.jobs.insert(jobId, standsBefore(entering));
  const lanes = new Map(place.lanes).set(key, { ...lane, jobs });
  const isBack = ![...place.lanes.values()].some((one) => one.priority === priority && one.submitter === submitter);
  if (!isBack) return { ...place, lanes };
  const least = Math.max(serviceOf(place, order), place.floor.get(priority) ?? 0);
  return { ...place, lanes, service: new Map(place.service).set(shareKey(order), least) };
}

/** Jobs that wait at that place. */
export const waitingJobs = (place: PlaceOrder): number =>
  [...place.lanes.values()].reduce((sum, { jobs }) => sum + jobs.length, 0);

/** A task without any predicted cost still counts: else its submitter would come first for ever. */
const leastCostSeconds = 0.1;

/** A grant is service received. */
export function charge(place: PlaceOrder, order: JobOrder, costSeconds: number): PlaceOrder {
  const received = serviceOf(place, order);
  const service = new Map(place.service).set(shareKey(order), received + Math.max(leastCostSeconds, costSeconds));
  const floor = new Map(place.floor).set(order.priority, Math.max(place.floor.get(order.priority) ?? 0, received));
  return { ...place, service, floor };
}
