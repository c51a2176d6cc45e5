import type { JobId } from '@reelmill/protocol';
import { emptyWork } from './jobIndex.ts';
import { compareRanks } from './jobOrder.ts';
import { laneKey } from './lanes.ts';
import type { JobRecord, Lease, Place, SchedulerState, TaskState } from './model.ts';
import { loadOf, slotsTaken, wanting } from './nodeLoad.ts';
import { compareTasks } from './queueOrder.ts';
import { neededBytes } from './spaceIndex.ts';
import { backupShare } from './speculate.ts';
import { houseLeaseNeverExpires } from './state.ts';
import { leasesOfTask } from './taskLeases.ts';

/** Promises the state breaks, as sentences; empty for every state that `evolve` may reach. Walks everything. */
export function checkInvariants(state: SchedulerState): string[] {
  const broken: string[] = [];
  for (const task of state.tasks.values()) broken.push(...taskFaults(state, task));
  for (const job of state.jobs.values()) broken.push(...jobFaults(state, job));
  broken.push(...leaseFaults(state), ...queueFaults(state), ...spaceFaults(state));
  return broken;
}

function taskFaults(state: SchedulerState, task: TaskState): string[] {
  const { plan, phase, attempts } = task;
  const faults: string[] = [];
  const expect = (holds: boolean, promise: string) => holds || faults.push(`${plan.taskId}: ${promise}`);
  const job = state.jobs.get(plan.jobId);
  expect(job?.taskIds.includes(plan.taskId) === true, 'belongs to a job that lists it');
  const ended = phase.kind === 'completed' || phase.kind === 'failed' || phase.kind === 'canceled';
  expect(ended || job?.phase.kind === 'active', `is ${phase.kind} only in an active job`);
  expect(phase.kind !== 'completed' || phase.attempt <= attempts, 'P2: its committed result is of a grant');
  const leases = leasesOfTask(task);
  expect(new Set(leases.map((lease) => lease.attempt)).size === leases.length, 'its copies have their own numbers');
  expect(new Set(leases.map((lease) => lease.nodeId)).size === leases.length, 'its copies are on different nodes');
  for (const lease of leases) {
    expect(lease.attempt <= attempts, 'its lease is of a grant');
    expect((lease.nodeId === 'house') === (plan.place === 'house'), 'is leased at its place');
  }
  const open = plan.dependsOn.filter((taskId) => state.tasks.get(taskId)?.phase.kind !== 'completed').length;
  expect(open === task.openDependencies, `counts ${open} open dependencies, not ${task.openDependencies}`);
  if (job?.phase.kind === 'active')
    expect((phase.kind === 'blocked') === open > 0, `is ${phase.kind} with ${open} open`);
  if (phase.kind === 'completed') expect(open === 0, 'completed after its dependencies');
  return faults;
}

function jobFaults(state: SchedulerState, job: JobRecord): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, promise: string) => holds || faults.push(`${job.jobId}: ${promise}`);
  const kinds = new Set(job.taskIds.map((taskId) => state.tasks.get(taskId)?.phase.kind));
  expect(!kinds.has(undefined), 'has all tasks it lists');
  expect(job.sequence < state.nextSequence, 'has a sequence already given');
  const onlyCompleted = [...kinds].every((kind) => kind === 'completed');
  if (job.phase.kind === 'done') expect(onlyCompleted && job.plan !== null, 'P9: is done with all tasks completed');
  if (job.phase.kind === 'active') {
    expect(!kinds.has('failed') && !kinds.has('canceled'), 'is active without failed or canceled tasks');
    expect(!onlyCompleted || job.plan === null, 'P10: ends when its last task does');
  }
  expect((job.phase.kind === 'active') === (job.finishedAtIso === null), 'has an end time exactly when ended');
  const open = job.taskIds.filter((taskId) => state.tasks.get(taskId)?.phase.kind !== 'completed').length;
  const work = state.index.work.get(job.jobId) ?? emptyWork;
  expect(work.open === open, 'index: counts its open tasks');
  const chunks = job.taskIds.filter((taskId) => state.tasks.get(taskId)?.plan.chunkIndex != null).length;
  expect(work.chunks === chunks, `index: counts ${work.chunks} chunks`);
  expect(work.backupSeconds <= backupShare * work.chunkSeconds, 'P8: backup copies cost at most 0.3 of its chunks');
  return faults;
}

function leaseFaults(state: SchedulerState): string[] {
  const faults: string[] = [];
  const indexed = new Set<Lease>();
  for (const [holder, leases] of state.index.leases) {
    for (const [taskId, lease] of leases) {
      if (indexed.has(lease) || lease.nodeId !== holder) faults.push(`${taskId}: index: is leased by ${holder}`);
      indexed.add(lease);
    }
  }
  for (const node of state.nodes.values()) {
    const load = loadOf(state.index.leases.get(node.nodeId), state.tasks);
    const free = Math.max(0, node.slots - wanting(load, node.slots));
    if ((state.index.room.get(node.nodeId) ?? 0) !== free) faults.push(`index: ${node.nodeId} has ${free} free slots`);
  }
  let leased = 0;
  for (const task of state.tasks.values()) {
    for (const lease of leasesOfTask(task)) {
      leased += 1;
      const { nodeId, expiresAt } = lease;
      if (!indexed.has(lease)) faults.push(`${task.plan.taskId}: index: is leased by ${nodeId}`);
      const never = expiresAt === houseLeaseNeverExpires;
      if (never !== (nodeId === 'house')) faults.push(`${task.plan.taskId}: house leases never expire, farm leases do`);
    }
  }
  if (leased !== indexed.size) faults.push(`index: ${indexed.size} leases for ${leased} leased tasks`);
  return faults;
}

function queueFaults(state: SchedulerState): string[] {
  const faults: string[] = [];
  for (const place of ['farm', 'house'] as const) {
    const expected = new Map<JobId, TaskState[]>();
    for (const task of state.tasks.values()) {
      if (task.phase.kind !== 'queued' || task.plan.place !== place) continue;
      expected.set(task.plan.jobId, [...(expected.get(task.plan.jobId) ?? []), task]);
    }
    const queued = [...state.jobs.values()].filter(({ jobId, order }) => expected.has(jobId) && !order.held);
    if (laneText(state, place) !== expectedLanes(queued)) faults.push(`index: ${place} lanes`);
    for (const { jobId } of state.jobs.values()) {
      const tasks = (expected.get(jobId) ?? []).map((task) => task.plan).sort(compareTasks);
      const order = tasks.map((plan) => plan.taskId).join();
      if (order !== state.index.work.get(jobId)?.queued[place].join()) faults.push(`index: ${place} queue of ${jobId}`);
    }
  }
  return [...faults, ...slotFaults(state)];
}

const laneText = (state: SchedulerState, place: Place): string =>
  [...state.index.order[place].lanes]
    .map(([key, { jobs }]) => `${key}: ${[...jobs].join()}`)
    .sort()
    .join('; ');

function expectedLanes(queued: JobRecord[]): string {
  const lanes = new Map<string, JobId[]>();
  for (const { jobId, order } of queued.sort(compareRanks)) {
    lanes.set(laneKey(order), [...(lanes.get(laneKey(order)) ?? []), jobId]);
  }
  return [...lanes]
    .map(([key, jobs]) => `${key}: ${jobs.join()}`)
    .sort()
    .join('; ');
}

function slotFaults(state: SchedulerState): string[] {
  const busy = new Map<string | null, number>();
  for (const task of state.tasks.values()) {
    const queue = state.jobs.get(task.plan.jobId)?.order.queue ?? null;
    if (slotsTaken(task) > 0) busy.set(queue, (busy.get(queue) ?? 0) + slotsTaken(task));
  }
  const { busySlots } = state.index;
  const same = busy.size === busySlots.size && [...busy].every(([queue, count]) => busySlots.get(queue) === count);
  return same ? [] : ['index: slots taken by queue'];
}

function spaceFaults({ jobs, index }: SchedulerState): string[] {
  const { begun, ahead, aheadBytes } = index.space;
  const open = [...jobs.values()].filter(({ phase, space }) => phase.kind === 'active' && space !== undefined);
  const waits = open.filter(({ jobId }) => index.work.get(jobId)?.begun !== true);
  const bytes = waits.flatMap(({ space = [] }) => space).reduce((sum, need) => sum + neededBytes(need), 0);
  const counted = [...aheadBytes.values()].reduce((sum, one) => sum + one, 0);
  const same =
    waits.every((job) => ahead.get(job.jobId) === job) &&
    open.every((job) => (begun.get(job.jobId) ?? ahead.get(job.jobId)) === job) &&
    open.length === begun.size + ahead.size &&
    bytes === counted;
  return same ? [] : ['index: what jobs fill on disks'];
}
