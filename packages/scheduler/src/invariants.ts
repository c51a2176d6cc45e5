import type { JobId, TaskId } from '@reelmill/protocol';
import { compareRanks } from './jobOrder.ts';
import { laneKey } from './lanes.ts';
import type { JobRecord, Lease, Place, SchedulerState, TaskState } from './model.ts';
import { compareTasks } from './queueOrder.ts';
import { takesSlot } from './runsBeside.ts';
import { houseLeaseNeverExpires } from './state.ts';

/** Promises the state breaks, as sentences; empty for every state that `evolve` may reach. Walks everything. */
export function checkInvariants(state: SchedulerState): string[] {
  const broken: string[] = [];
  for (const task of state.tasks.values()) broken.push(...taskFaults(state, task));
  for (const job of state.jobs.values()) broken.push(...jobFaults(state, job));
  broken.push(...leaseFaults(state), ...queueFaults(state));
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
  expect(phase.kind !== 'completed' || phase.attempt === attempts, 'P2: its committed result is of the last grant');
  expect(phase.kind !== 'leased' || phase.lease.attempt === attempts, 'its lease is of the last grant');
  expect(
    phase.kind !== 'leased' || (phase.lease.nodeId === 'house') === (plan.place === 'house'),
    'is leased at its place',
  );
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
  expect((state.index.work.get(job.jobId)?.open ?? 0) === open, 'index: counts its open tasks');
  return faults;
}

function leaseFaults(state: SchedulerState): string[] {
  const faults: string[] = [];
  const indexed = new Map<TaskId, Lease>();
  for (const leases of state.index.leases.values()) {
    for (const [taskId, lease] of leases) {
      if (indexed.has(taskId)) faults.push(`${taskId}: has one lease`);
      indexed.set(taskId, lease);
    }
  }
  let leased = 0;
  for (const { plan, phase } of state.tasks.values()) {
    if (phase.kind !== 'leased') continue;
    leased += 1;
    const { nodeId, expiresAt } = phase.lease;
    if (indexed.get(plan.taskId) !== phase.lease) faults.push(`${plan.taskId}: index: is leased by ${nodeId}`);
    const never = expiresAt === houseLeaseNeverExpires;
    if (never !== (nodeId === 'house')) faults.push(`${plan.taskId}: house leases never expire, farm leases do`);
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
    .map(([key, { jobs }]) => `${key}: ${jobs.join()}`)
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
    if (takesSlot(task)) busy.set(queue, (busy.get(queue) ?? 0) + 1);
  }
  const { busySlots } = state.index;
  const same = busy.size === busySlots.size && [...busy].every(([queue, count]) => busySlots.get(queue) === count);
  return same ? [] : ['index: slots taken by queue'];
}
