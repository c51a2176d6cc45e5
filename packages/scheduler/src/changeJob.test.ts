import { expect, test } from 'vitest';
import { compareJobs } from './jobOrder.ts';
import { letters, nodeId, TestFarm } from './testFarm.ts';

const order = (farm: TestFarm): string[] =>
  [...farm.state.jobs.values()]
    .filter(({ discarded }) => discarded === undefined)
    .sort(compareJobs)
    .map(({ jobId }) => jobId);

test('check 16: three jobs that were discarded come back at the very places they had', () => {
  const farm = new TestFarm();
  const jobs = [1, 2, 3, 4, 5].map((number) => farm.plannedJob(letters(number), 2).jobId);
  const [, second, third, , fifth] = jobs as unknown as [never, string, string, never, string];
  farm.does({ type: 'order-job', jobId: fifth as never, change: { position: 'top' } });
  const before = order(farm);
  const removed = [second, third, fifth] as never[];
  for (const jobId of removed) farm.does({ type: 'discard-job', jobId });
  expect(order(farm)).toEqual([jobs[0], jobs[3]]);
  for (const jobId of removed.toReversed()) farm.does({ type: 'restore-job', jobId });
  expect(order(farm)).toEqual(before);
  expect([...farm.state.jobs.values()].every(({ phase }) => phase.kind === 'active')).toBe(true);
});

test('the end of the grace takes a discarded job, never one that was brought back in that moment', () => {
  const farm = new TestFarm();
  const { jobId } = farm.plannedJob('undone', 2);
  farm.does({ type: 'discard-job', jobId });
  farm.does({ type: 'restore-job', jobId });
  expect(farm.tries({ type: 'remove-job', jobId, onlyDiscarded: true }).kind).toBe('rejected');
  farm.does({ type: 'cancel-job', jobId });
  expect(farm.tries({ type: 'remove-job', jobId, onlyDiscarded: true }).kind).toBe('rejected');
  farm.does({ type: 'discard-job', jobId });
  farm.does({ type: 'remove-job', jobId, onlyDiscarded: true });
  expect(farm.state.jobs.has(jobId)).toBe(false);
});

test('a job discarded while it runs stops at once; restored, it goes on with the chunks it had', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 1 });
  const job = farm.plannedJob('running', 3);
  const first = job.chunks.find((chunk) => farm.phase(chunk) === 'leased');
  if (first === undefined) throw new Error('nothing runs');
  farm.completes(first);
  const effects = farm.does({ type: 'discard-job', jobId: job.jobId });
  expect(effects.some(({ type }) => type === 'cancel-lease')).toBe(true);
  expect(farm.held(nodeId('one'))).toEqual([]);
  expect(farm.tries({ type: 'retry-job', jobId: job.jobId }).kind).toBe('rejected');
  farm.does({ type: 'restore-job', jobId: job.jobId });
  expect(farm.phase(first)).toBe('completed');
  expect(farm.held(nodeId('one'))).toHaveLength(1);
});

test('an ended job comes back ended; one that is on the list cannot be brought back', () => {
  const farm = new TestFarm();
  const job = farm.plannedJob('ended', 1);
  expect(farm.tries({ type: 'restore-job', jobId: job.jobId })).toMatchObject({ reason: 'unknown-job' });
  farm.does({ type: 'cancel-job', jobId: job.jobId });
  farm.does({ type: 'discard-job', jobId: job.jobId });
  farm.does({ type: 'restore-job', jobId: job.jobId });
  expect(farm.state.jobs.get(job.jobId)?.phase.kind).toBe('canceled');
});

test('the request of a waiting job is changed and planned anew; once a chunk was given out it is refused', () => {
  const farm = new TestFarm();
  const job = farm.plannedJob('waiting', 2, { hash: true });
  const old = farm.state.jobs.get(job.jobId)?.request;
  const change = { type: 'change-request', jobId: job.jobId, request: { name: 'other' } } as const;
  farm.does({ ...change, replan: true });
  expect(farm.state.jobs.get(job.jobId)).toMatchObject({ plan: null, request: { name: 'other' } });
  expect(farm.holder(job.probe.taskId)).toBe('house');
  expect(farm.attempts(job.probe.taskId)).toBe(2);
  const plan = { type: 'plan-job', jobId: job.jobId, plan: { chunks: 2 }, tasks: job.planned } as const;
  expect(farm.tries({ ...plan, request: old })).toMatchObject({ reason: 'stale' });
  farm.does({ ...plan, request: farm.state.jobs.get(job.jobId)?.request });
  farm.completes(job.probe.taskId);
  farm.joins('one', { slots: 1 });
  expect(farm.tries({ ...change, replan: false })).toMatchObject({ reason: 'begun' });
});
