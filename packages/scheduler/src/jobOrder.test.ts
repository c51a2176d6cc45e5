import { type JobPosition, JobPriority, type QueueRule, QueueRules, type TaskId } from '@reelmill/protocol';
import { expect, test, vi } from 'vitest';
import type { SubmittedOrder } from './jobOrder.ts';
import { PersistentMap } from './persistentMap.ts';
import { jobNamed, nodeId, TestFarm, type TestJob } from './testFarm.ts';

const one = nodeId('one');
const leased = (farm: TestFarm, job: TestJob): number =>
  job.chunks.filter((chunk) => farm.phase(chunk) === 'leased').length;
/** Finishes what a node runs first. */
function finishOne(farm: TestFarm): TaskId {
  const [held] = farm.held(one);
  if (held === undefined) throw new Error('nothing runs');
  farm.completes(held.taskId);
  return held.taskId;
}
const nameOf = (taskId: TaskId): string => taskId.slice(2, taskId.indexOf('/')).replace(/a+$/, '');
/** Names of the jobs in the order in which one slot serves their chunks. */
function served(farm: TestFarm, count: number): string {
  return Array.from({ length: count }, () => nameOf(finishOne(farm))).join(' ');
}
const change = (farm: TestFarm, job: TestJob, order: SubmittedOrder & { position?: JobPosition }) =>
  farm.tries({ type: 'order-job', jobId: job.jobId, change: order });

test('urgent takes every slot as running chunks end, and revokes none', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  const first = farm.plannedJob('first', 4);
  const urgent = farm.plannedJob('urgent', 3, { order: { priority: 'urgent' } });
  expect([leased(farm, first), leased(farm, urgent)]).toEqual([2, 0]);
  finishOne(farm);
  expect([leased(farm, first), leased(farm, urgent)]).toEqual([1, 1]);
  expect(farm.events.some((event) => event.type === 'lease-lost')).toBe(false);
  expect(served(farm, 4)).toBe('first urgent urgent urgent');
});

test('a changed priority counts from the next free slot on', () => {
  const farm = new TestFarm();
  farm.joins('one');
  farm.plannedJob('low', 2, { order: { priority: 'low' } });
  const late = farm.plannedJob('late', 2);
  change(farm, late, { priority: 'high' });
  expect(served(farm, 4)).toBe('low late late low');
});

test('priority counts for work beside the coordinator, too', () => {
  const farm = new TestFarm();
  farm.houseSlots = 1;
  const jobs = [jobNamed('x', 1), jobNamed('y', 1), jobNamed('z', 1)] as const;
  for (const { jobId, probe } of jobs) farm.does({ type: 'submit-job', jobId, request: {}, tasks: [probe] });
  change(farm, jobs[2], { priority: 'urgent' });
  farm.completes(jobs[0].probe.taskId);
  expect(jobs.map(({ probe }) => farm.phase(probe.taskId))).toEqual(['completed', 'queued', 'leased']);
});

test('submitters of one priority get equal shares of predicted work, each job after job', () => {
  const farm = new TestFarm();
  farm.joins('one');
  farm.plannedJob('b', 8, { order: { submitter: 'bea' }, costs: [10] });
  farm.plannedJob('c', 1, { order: { submitter: 'cem' }, costs: [20] });
  farm.plannedJob('d', 4, { order: { submitter: 'cem' }, costs: [20] });
  expect(served(farm, 10)).toBe('b c b b d b b d b b');
});

test('who submitted nothing for a while saved up no share', () => {
  const farm = new TestFarm();
  farm.joins('one');
  farm.plannedJob('b', 30, { order: { submitter: 'bea' } });
  served(farm, 10);
  farm.plannedJob('c', 20, { order: { submitter: 'cem' } });
  expect(served(farm, 7)).toBe('b c b c b c b');
});

test('a held job gets nothing new until it is resumed, also after a restart', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('held', 3);
  const other = farm.plannedJob('other', 1);
  change(farm, job, { held: true });
  expect(served(farm, 2)).toBe('held other');
  expect(farm.held(one)).toEqual([]);
  farm.does({ type: 'boot' });
  farm.joins('one');
  expect(leased(farm, job) + leased(farm, other)).toBe(0);
  change(farm, job, { held: false });
  expect(leased(farm, job)).toBe(1);
});

test('a job submitted on hold is not even probed', () => {
  const farm = new TestFarm();
  const { jobId, probe } = jobNamed('held', 1);
  farm.does({ type: 'submit-job', jobId, request: {}, tasks: [probe], order: { held: true } });
  expect(farm.phase(probe.taskId)).toBe('queued');
  farm.does({ type: 'order-job', jobId, change: { held: false } });
  expect(farm.phase(probe.taskId)).toBe('leased');
});

test('jobs are moved before and after others of their priority', () => {
  const farm = new TestFarm();
  farm.houseSlots = 9;
  const [a, b, c, d] = ['x', 'y', 'z', 'w'].map((name) => farm.plannedJob(name, 1)) as [
    TestJob,
    TestJob,
    TestJob,
    TestJob,
  ];
  expect(change(farm, d, { position: 'top' })).toMatchObject({ kind: 'accepted' });
  change(farm, a, { position: { after: c.jobId } });
  change(farm, b, { position: { before: d.jobId } });
  change(farm, d, { position: 'bottom' });
  farm.plannedJob('v', 1);
  farm.joins('one');
  expect(served(farm, 5)).toBe('y z x w v');
  const high = farm.plannedJob('high', 1, { order: { priority: 'high' } });
  const low = farm.plannedJob('low', 1, { order: { priority: 'low' } });
  expect(change(farm, low, { position: { before: high.jobId } })).toEqual({ kind: 'rejected', reason: 'order' });
  expect(change(farm, low, { priority: 'high', position: { before: high.jobId } })).toMatchObject({ kind: 'accepted' });
});

test('between two neighbours there is room for any number of moves', () => {
  const farm = new TestFarm();
  const jobs = ['x', 'y', 'z'].map((name) => farm.plannedJob(name, 1)) as [TestJob, TestJob, TestJob];
  for (let move = 0; move < 200; move += 1) {
    const [first, , last] = jobs;
    change(farm, last, { position: { after: first.jobId } });
    jobs.splice(1, 2, last, jobs[1]);
  }
  farm.joins('one');
  expect(served(farm, 3)).toBe(jobs.map((job) => nameOf(job.probe.taskId)).join(' '));
});

test('a paused farm starts nothing anywhere until it goes on; what runs ends', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 2);
  farm.does({ type: 'pause-farm', stopAfter: null });
  finishOne(farm);
  const late = jobNamed('late', 1);
  farm.does({ type: 'submit-job', jobId: late.jobId, request: {}, tasks: [late.probe] });
  farm.does({ type: 'boot' });
  farm.joins('one');
  expect([leased(farm, job), farm.phase(late.probe.taskId)]).toEqual([0, 'queued']);
  farm.does({ type: 'resume-farm' });
  expect([leased(farm, job), farm.phase(late.probe.taskId)]).toEqual([1, 'leased']);
});

test('behind a stop marker nothing starts, not even in idle slots, and its end pauses the farm', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 4 });
  const first = farm.plannedJob('first', 1);
  farm.does({ type: 'pause-farm', stopAfter: first.jobId });
  const behind = jobNamed('behind', 1);
  farm.does({ type: 'submit-job', jobId: behind.jobId, request: {}, tasks: [behind.probe] });
  const before = farm.plannedJob('before', 1, { order: { priority: 'high' } });
  expect([first, before].map((job) => leased(farm, job))).toEqual([1, 1]);
  expect(farm.phase(behind.probe.taskId)).toBe('queued');
  farm.does({ type: 'cancel-job', jobId: first.jobId });
  expect(farm.state.gate).toEqual({ paused: true, stopAfter: null });
  farm.does({ type: 'resume-farm' });
  expect(farm.phase(behind.probe.taskId)).toBe('leased');
  expect(farm.tries({ type: 'pause-farm', stopAfter: first.jobId })).toMatchObject({ reason: 'job-state' });
});

const queues = (...rules: Partial<QueueRule>[]): readonly QueueRule[] => QueueRules.parse(rules);

test('a named queue takes no more slots of the farm than its cap', () => {
  const farm = new TestFarm();
  farm.queues = queues({ name: 'review', cap: 2 });
  farm.joins('one', { slots: 2 });
  farm.joins('two', { slots: 2 });
  const review = farm.plannedJob('review', 4, { order: { queue: 'review', priority: 'urgent' } });
  const other = farm.plannedJob('other', 4);
  expect([leased(farm, review), leased(farm, other)]).toEqual([2, 2]);
  change(farm, other, { queue: 'review' });
  farm.completes(other.chunks.find((chunk) => farm.phase(chunk) === 'leased') as TaskId);
  expect([leased(farm, review), leased(farm, other)]).toEqual([2, 1]);
  change(farm, other, { queue: null });
  farm.does({ type: 'tick' });
  expect([leased(farm, review), leased(farm, other)]).toEqual([2, 2]);
});

test('reserved slots stay free for their queue, but one slot is open to all', () => {
  const farm = new TestFarm();
  farm.queues = queues({ name: 'review', reserved: 2 });
  farm.joins('one', { slots: 4 });
  const other = farm.plannedJob('other', 9, { order: { priority: 'urgent' } });
  expect(leased(farm, other)).toBe(2);
  const review = farm.plannedJob('review', 9, { order: { queue: 'review' } });
  expect([leased(farm, other), leased(farm, review)]).toEqual([2, 2]);
  finishOne(farm);
  expect([leased(farm, other), leased(farm, review)]).toEqual([2, 2]);
  const small = new TestFarm();
  small.queues = queues({ name: 'review', reserved: 2 });
  small.joins('one', { slots: 2 });
  expect(leased(small, small.plannedJob('other', 2))).toBe(1);
});

test('an ended job has no place any more', () => {
  const farm = new TestFarm();
  const job = farm.plannedJob('one', 1);
  farm.does({ type: 'cancel-job', jobId: job.jobId });
  expect(change(farm, job, { priority: 'high' })).toEqual({ kind: 'rejected', reason: 'job-state' });
  expect(change(farm, jobNamed('none', 1), { held: true })).toEqual({ kind: 'rejected', reason: 'unknown-job' });
});

/** Look-ups of jobs and tasks by one decision, when that many jobs of all priorities and three submitters wait. */
function lookUps(waiting: number): number {
  const farm = new TestFarm({ checks: false });
  farm.plannedJob('urgentone', 9, { order: { priority: 'urgent' } });
  farm.joins('one');
  for (let index = 0; index < waiting; index += 1) {
    const name = [...String(index).padStart(4, '0')].map((digit) => 'bcdefghijk'[Number(digit)]).join('');
    const order = { priority: JobPriority.options[index % 4] ?? 'low', submitter: `s${index % 3}` };
    const { jobId, planned } = jobNamed(name, 2);
    const tasks = planned.slice(0, 2).map((plan) => ({ ...plan, dependsOn: [] }));
    farm.does({ type: 'submit-job', jobId, request: {}, tasks, order });
  }
  finishOne(farm);
  const spy = vi.spyOn(PersistentMap.prototype, 'get');
  finishOne(farm);
  const count = spy.mock.calls.length;
  spy.mockRestore();
  return count;
}

test('a decision looks at a few jobs, however many wait', () => {
  expect(lookUps(1_000)).toBeLessThanOrEqual(lookUps(20) + 10);
});
