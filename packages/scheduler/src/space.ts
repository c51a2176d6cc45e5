import type { JobId } from '@reelmill/protocol';
import type { Draft } from './draft.ts';
import { compareJobs } from './jobOrder.ts';
import type { JobRecord, SchedulerState } from './model.ts';
import { neededBytes, type SpaceIndex, type VolumeBytes } from './spaceIndex.ts';

/** What a job fills on one of the coordinator's disks. */
export interface SpaceNeed {
  /** Names the disk; opaque here. */
  readonly volume: string;
  /** Chunks and other scratch: less while it is being made, gone when the job has ended. */
  readonly scratchBytes: number;
  readonly outputBytes: number;
}

export interface Volume {
  readonly volume: string;
  readonly freeBytes: number;
}

/** A job that gets nothing because it would not fit beside those that have begun. */
export interface SpaceShortage extends Volume {
  readonly neededBytes: number;
}

/** True only while this process lives. */
export interface SpaceState {
  /** Nothing new is given to nodes. */
  readonly low: boolean;
  /** What promises to jobs that have begun leave, by disk; disks not in it are not known and never checked. */
  readonly left: ReadonlyMap<string, number>;
  readonly waiting: ReadonlyMap<JobId, SpaceShortage>;
}

export const unknownSpace: SpaceState = { low: false, left: new Map(), waiting: new Map() };

/** How much of the job's scratch is still to come; the probe makes none. */
const openShare = ({ index }: SchedulerState, { jobId, taskIds }: JobRecord): number =>
  Math.min(1, (index.work.get(jobId)?.open ?? 0) / Math.max(1, taskIds.length - 1));

/**
 * Scratch that lies on a disk and goes by itself: of jobs under way, and of those that are done and only kept for a
 * while. What is still to come is not counted: it is free as yet.
 */
export function returningBytes(state: SchedulerState, volume: string): number {
  const { begun, keptBytes } = state.index.space;
  let bytes = keptBytes.get(volume) ?? 0;
  for (const job of begun.values()) {
    const made = 1 - openShare(state, job);
    for (const need of job.space ?? []) if (need.volume === volume) bytes += need.scratchBytes * made;
  }
  return bytes;
}

/** The books while they are being made up. */
class SpaceBook {
  readonly left: Map<string, number>;
  /** What comes back when the jobs that have begun end. */
  readonly returning = new Map<string, number>();
  readonly waiting = new Map<JobId, SpaceShortage>();

  constructor(left: Iterable<readonly [string, number]>) {
    this.left = new Map(left);
  }

  promise(state: SchedulerState, job: JobRecord): void {
    const { space = [] } = job;
    // What is made already lies on the disk and is not free any more.
    const share = openShare(state, job);
    for (const { volume, scratchBytes, outputBytes } of space) {
      this.#take(volume, scratchBytes * share + outputBytes);
      // its scratch goes when it ends; its output stays
      this.returning.set(volume, (this.returning.get(volume) ?? 0) + scratchBytes);
    }
  }

  /** Whether all this fits beside what was promised before; then it is promised as well. */
  promiseAll(bytes: VolumeBytes): boolean {
    const fits = [...bytes].every(([volume, sum]) => sum <= (this.left.get(volume) ?? Number.POSITIVE_INFINITY));
    if (fits) for (const [volume, sum] of bytes) this.#take(volume, sum);
    return fits;
  }

  /** The first disk that lacks room for the job. */
  shortage({ space = [] }: JobRecord): SpaceShortage | null {
    const short = space.find((need) => neededBytes(need) > (this.left.get(need.volume) ?? Number.POSITIVE_INFINITY));
    return short === undefined ? null : this.offer(short);
  }

  offer(need: SpaceNeed): SpaceShortage {
    return { volume: need.volume, freeBytes: this.left.get(need.volume) ?? 0, neededBytes: neededBytes(need) };
  }

  /** Room that will come is kept for it: smaller jobs behind it must not take it away again and again. */
  wait({ jobId, space = [] }: JobRecord, shortage: SpaceShortage): void {
    this.waiting.set(jobId, shortage);
    const comes = space.every(({ volume, ...need }) => {
      const left = this.left.get(volume) ?? Number.POSITIVE_INFINITY;
      return neededBytes(need) <= left + (this.returning.get(volume) ?? 0);
    });
    if (comes) for (const need of space) this.#take(need.volume, neededBytes(need));
  }

  /** Disks that nobody measures are never checked. */
  #take(volume: string, bytes: number): void {
    const left = this.left.get(volume);
    if (left !== undefined) this.left.set(volume, left - bytes);
  }
}

/** Measured anew: promises to jobs that have begun stand, the others get theirs in the order of the queue. */
export function noteSpace(draft: Draft, { low, volumes }: { low: boolean; volumes: readonly Volume[] }): null {
  const { state } = draft;
  const book = new SpaceBook(volumes.map(({ volume, freeBytes }) => [volume, freeBytes]));
  const { begun, ahead, aheadBytes } = state.index.space;
  for (const job of begun.values()) book.promise(state, job);
  if (!book.promiseAll(aheadBytes)) {
    for (const job of inQueueOrder(ahead)) {
      const shortage = book.shortage(job);
      if (shortage === null) book.promise(state, job);
      else book.wait(job, shortage);
    }
  }
  const { left, waiting } = book;
  draft.emit({ type: 'space-noted', space: { low, left, waiting } });
  return null;
}

const sorted = new WeakMap<SpaceIndex['ahead'], readonly JobRecord[]>();

/** Sorted once for each picture of the queue: it is asked for at every measurement while a disk is short. */
function inQueueOrder(ahead: SpaceIndex['ahead']): readonly JobRecord[] {
  const known = sorted.get(ahead);
  if (known !== undefined) return known;
  const jobs = [...ahead.values()].sort(compareJobs);
  sorted.set(ahead, jobs);
  return jobs;
}

/** A job was planned: it gets its room now, or waits for the next measurement. */
export function promiseSpace(draft: Draft, jobId: JobId): void {
  const { space } = draft.state;
  const job = draft.state.jobs.get(jobId);
  if (job?.space === undefined || space.left.size === 0) return;
  const book = new SpaceBook(space.left);
  const [first] = job.space;
  // behind others that wait: the next measurement tells whether room is kept for them
  const shortage = book.shortage(job) ?? (space.waiting.size > 0 && first ? book.offer(first) : null);
  if (shortage === null) book.promise(draft.state, job);
  const waiting = shortage === null ? space.waiting : new Map(space.waiting).set(jobId, shortage);
  draft.emit({ type: 'space-noted', space: { ...space, left: book.left, waiting } });
}

/** What the job waits for; null where it has its room, or none was asked for. */
export const spaceShortageOf = ({ space }: SchedulerState, jobId: JobId): SpaceShortage | null =>
  space.waiting.get(jobId) ?? null;
