import type { JobId } from '@reelmill/protocol';
import type { JobRecord, SchedulerState } from './model.ts';
import { PersistentMap } from './persistentMap.ts';
import type { SpaceNeed } from './space.ts';

/** Bytes by disk. */
export type VolumeBytes = ReadonlyMap<string, number>;

/** What jobs fill on the coordinator's disks, kept up by `evolve`, so that no measurement walks the whole queue. */
export interface SpaceIndex {
  /** Active jobs that have begun: what they were promised stands. */
  readonly begun: PersistentMap<JobId, JobRecord>;
  /** Active jobs that are planned and have not begun. */
  readonly ahead: PersistentMap<JobId, JobRecord>;
  /** What those need together. */
  readonly aheadBytes: VolumeBytes;
  /** Scratch of jobs that are done and keep it for a while. */
  readonly keptBytes: VolumeBytes;
}

export const emptySpaceIndex: SpaceIndex = {
  begun: PersistentMap.empty(),
  ahead: PersistentMap.empty(),
  aheadBytes: new Map(),
  keptBytes: new Map(),
};

/** What the job fills of one disk at most. */
export const neededBytes = ({ scratchBytes, outputBytes }: Omit<SpaceNeed, 'volume'>): number =>
  scratchBytes + outputBytes;

interface Part {
  readonly role: 'begun' | 'ahead' | 'kept';
  readonly job: JobRecord;
}

/** Where the job counts; null: nowhere. */
function partOf({ jobs, index }: SchedulerState, jobId: JobId): Part | null {
  const job = jobs.get(jobId);
  if (job?.space === undefined) return null;
  if (job.phase.kind === 'active') return { role: index.work.get(jobId)?.begun === true ? 'begun' : 'ahead', job };
  return job.phase.kind === 'done' && job.scratchRemovedAtIso === undefined ? { role: 'kept', job } : null;
}

/** `after`, in which the job counts as it now is. `before`: the same state before the job or its work changed. */
export function countSpace(before: SchedulerState, after: SchedulerState, jobId: JobId): SchedulerState {
  const [was, is] = [partOf(before, jobId), partOf(after, jobId)];
  if (was?.role === is?.role && was?.job === is?.job) return after;
  const rest = was === null ? after.index.space : leave(after.index.space, was);
  const space = is === null ? rest : enter(rest, is);
  return { ...after, index: { ...after.index, space } };
}

function enter(space: SpaceIndex, { role, job }: Part): SpaceIndex {
  if (role === 'kept') return { ...space, keptBytes: added(space.keptBytes, job, scratchOf) };
  if (role === 'begun') return { ...space, begun: space.begun.set(job.jobId, job) };
  const aheadBytes = added(space.aheadBytes, job, neededBytes);
  return { ...space, ahead: space.ahead.set(job.jobId, job), aheadBytes };
}

function leave(space: SpaceIndex, { role, job }: Part): SpaceIndex {
  if (role === 'kept') return { ...space, keptBytes: added(space.keptBytes, job, (need) => -scratchOf(need)) };
  if (role === 'begun') return { ...space, begun: space.begun.delete(job.jobId) };
  const aheadBytes = added(space.aheadBytes, job, (need) => -neededBytes(need));
  return { ...space, ahead: space.ahead.delete(job.jobId), aheadBytes };
}

const scratchOf = ({ scratchBytes }: SpaceNeed): number => scratchBytes;

function added(sums: VolumeBytes, { space = [] }: JobRecord, bytesOf: (need: SpaceNeed) => number): VolumeBytes {
  const next = new Map(sums);
  for (const need of space) next.set(need.volume, (next.get(need.volume) ?? 0) + bytesOf(need));
  return next;
}
