import { BugError, type JobId, type NodeId, type TaskId } from '@reelmill/protocol';
import { emptyIndex } from './jobIndex.ts';
import type { JobRecord, Lease, SchedulerState, TaskState } from './model.ts';
import { noPatience } from './patience.ts';
import { PersistentMap } from './persistentMap.ts';
import { unknownSpace } from './space.ts';
import { emptySpeeds } from './speed.ts';
import { leasesOfTask } from './taskLeases.ts';

/** The state before anything happened: where every replay starts. */
export const initialState: SchedulerState = {
  jobs: PersistentMap.empty(),
  tasks: PersistentMap.empty(),
  nodes: new Map(),
  heard: PersistentMap.empty(),
  trust: new Map(),
  pauses: new Map(),
  hours: new Map(),
  nextSequence: 1,
  nextRank: 1,
  gate: { paused: false, stopAfter: null },
  clock: 0,
  speeds: emptySpeeds,
  patience: noPatience,
  space: unknownSpace,
  index: emptyIndex,
};

/** `expiresAt` of a house lease; finite because it is journaled as JSON. */
export const houseLeaseNeverExpires = Number.MAX_SAFE_INTEGER;

/** The job; a broken invariant where the caller's event names none. */
export function jobOf(state: SchedulerState, jobId: JobId): JobRecord {
  const job = state.jobs.get(jobId);
  if (job === undefined) throw new BugError(`no job ${jobId}`);
  return job;
}

/** All jobs in order of submission: a walk that only restarts and people ask for. */
export const jobsInSequence = (state: SchedulerState): JobRecord[] =>
  [...state.jobs.values()].sort((left, right) => left.sequence - right.sequence);

/** The task; a broken invariant where the caller's event names none. */
export function taskOf(state: SchedulerState, taskId: TaskId): TaskState {
  const task = state.tasks.get(taskId);
  if (task === undefined) throw new BugError(`no task ${taskId}`);
  return task;
}

/** The lease of a task under way (not that of a backup copy), else undefined. */
export function leaseOf(task: TaskState | undefined): Lease | undefined {
  return task?.phase.kind === 'leased' ? task.phase.lease : undefined;
}

/** The lease if this holder has it under this attempt number: the fence of every message about an attempt. */
export function currentLease(
  state: SchedulerState,
  key: { readonly taskId: TaskId; readonly attempt: number; readonly nodeId: NodeId | 'house' },
): Lease | undefined {
  const isMeant = (lease: Lease): boolean => lease.attempt === key.attempt && lease.nodeId === key.nodeId;
  return leasesOfTask(state.tasks.get(key.taskId)).find(isMeant);
}

const noLeases: ReadonlyMap<TaskId, Lease> = new Map();

/** Leases the holder has, by task. */
export function leasesOf(state: SchedulerState, nodeId: NodeId | 'house'): ReadonlyMap<TaskId, Lease> {
  return state.index.leases.get(nodeId) ?? noLeases;
}
