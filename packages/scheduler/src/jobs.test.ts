import { RenditionId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { errorOf, jobNamed, nodeId, resultOf, TestFarm } from './testFarm.ts';

const one = nodeId('one');

test('the same job submitted twice is a duplicate', () => {
  const farm = new TestFarm();
  const job = jobNamed('one', 1);
  const submit = { type: 'submit-job', jobId: job.jobId, request: {}, tasks: [job.probe] } as const;
  farm.does(submit);
  expect(farm.tries(submit)).toEqual({ kind: 'rejected', reason: 'duplicate' });
});

test('a plan that depends on a task it does not have is a bug, not a job that never ends', () => {
  const farm = new TestFarm();
  const job = jobNamed('one', 1);
  const dangling = { ...job.probe, dependsOn: [job.hash] };
  expect(() => farm.tries({ type: 'submit-job', jobId: job.jobId, request: {}, tasks: [dangling] })).toThrow(
    /depends on/,
  );
});

test('a job without a plan is not done when its probe is; a second plan is a duplicate', () => {
  const farm = new TestFarm();
  const job = jobNamed('one', 1);
  farm.does({ type: 'submit-job', jobId: job.jobId, request: {}, tasks: [job.probe] });
  farm.completes(job.probe.taskId);
  expect(farm.state.jobs.get(job.jobId)?.phase.kind).toBe('active');
  const plan = { type: 'plan-job', jobId: job.jobId, plan: {}, tasks: job.planned } as const;
  farm.does(plan);
  expect(farm.tries(plan)).toEqual({ kind: 'rejected', reason: 'duplicate' });
  expect(farm.phase(job.chunks[0] as never)).toBe('queued');
});

test('canceling stops every attempt of the job and no other', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  const job = farm.plannedJob('one', 1, { hash: true });
  const other = farm.plannedJob('two', 1);
  const [chunk] = job.chunks as [never];
  const effects = farm.does({ type: 'cancel-job', jobId: job.jobId });
  expect(effects).toEqual(
    expect.arrayContaining([
      { type: 'cancel-lease', nodeId: one, taskId: chunk, attempt: 1 },
      { type: 'cancel-house-task', taskId: job.hash, attempt: 1 },
      { type: 'sweep-job', jobId: job.jobId, keepSegments: true },
    ]),
  );
  expect(effects).toHaveLength(3);
  expect(farm.phase(other.chunks[0] as never)).toBe('leased');
  const outcome = { kind: 'completed', result: resultOf(one) } as const;
  expect(farm.tries({ type: 'finish-task', nodeId: one, taskId: chunk, attempt: 1, outcome })).toMatchObject({
    reason: 'stale',
  });
  expect(farm.tries({ type: 'cancel-job', jobId: job.jobId })).toMatchObject({ reason: 'job-state' });
});

test('a retried job keeps its completed chunks and tries the others with a fresh budget', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 2);
  const [first, second] = job.chunks as [never, never];
  farm.completes(first);
  for (let failure = 0; failure < 3; failure += 1) {
    farm.passes(6_000, [one]);
    farm.fails(second);
  }
  expect(farm.phase(job.assemble)).toBe('canceled');
  farm.does({ type: 'retry-job', jobId: job.jobId });
  expect([farm.phase(first), farm.phase(second), farm.phase(job.assemble)]).toEqual(['completed', 'leased', 'blocked']);
  expect(farm.state.tasks.get(second)).toMatchObject({ attempts: 4, failures: 0, losses: 0, failedOn: [] });
  expect(farm.tries({ type: 'retry-job', jobId: job.jobId })).toMatchObject({ reason: 'job-state' });
});

test('a job whose source changed is planned anew, and attempt numbers go on', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  const job = farm.plannedJob('one', 2);
  const [first, second] = job.chunks as [never, never];
  farm.completes(first);
  farm.fails(second, 'SOURCE_CHANGED');
  farm.does({ type: 'retry-job', jobId: job.jobId });
  expect(farm.state.jobs.get(job.jobId)).toMatchObject({ plan: null, attemptFloor: 1, taskIds: [job.probe.taskId] });
  expect(farm.attempts(job.probe.taskId)).toBe(2);
  farm.does({ type: 'plan-job', jobId: job.jobId, plan: {}, tasks: job.planned });
  farm.completes(job.probe.taskId);
  expect([farm.attempts(first), farm.attempts(second)]).toEqual([2, 2]);
});

test('only an ended job can be removed, and nothing of it stays', () => {
  const farm = new TestFarm();
  const job = farm.plannedJob('one', 3);
  expect(farm.tries({ type: 'remove-job', jobId: job.jobId })).toMatchObject({ reason: 'job-state' });
  farm.does({ type: 'cancel-job', jobId: job.jobId });
  const effects = farm.does({ type: 'remove-job', jobId: job.jobId });
  expect(effects).toEqual([{ type: 'sweep-job', jobId: job.jobId, keepSegments: false }]);
  expect([farm.state.jobs.size, farm.state.tasks.size, farm.state.index.work.size]).toEqual([0, 0, 0]);
});

test('an output is announced, then published; an ended job announces nothing more', () => {
  const farm = new TestFarm();
  const { jobId } = farm.plannedJob('one', 1);
  const output = {
    rendition: RenditionId.parse('h264-720p'),
    path: '/out/a.mp4',
    sha256: 'a',
    sizeBytes: 1,
    frames: 1,
  };
  farm.does({ type: 'note-output', jobId, output: { ...output, state: 'publishing' } });
  farm.does({ type: 'cancel-job', jobId });
  const other = { ...output, path: '/out/b.mp4', state: 'publishing' } as const;
  expect(farm.tries({ type: 'note-output', jobId, output: other })).toMatchObject({ reason: 'job-state' });
  farm.does({ type: 'note-output', jobId, output: { ...output, state: 'published' } });
  expect(farm.state.jobs.get(jobId)?.outputs).toEqual([{ ...output, state: 'published' }]);
});

test('commands about jobs and tasks that are not there are rejected', () => {
  const farm = new TestFarm();
  const { jobId, chunks } = jobNamed('one', 1);
  for (const type of ['cancel-job', 'retry-job', 'remove-job'] as const) {
    expect(farm.tries({ type, jobId })).toEqual({ kind: 'rejected', reason: 'unknown-job' });
  }
  const reopen = { type: 'reopen-task', taskId: chunks[0] as never, attempt: 1, error: errorOf('INTERNAL') } as const;
  expect(farm.tries(reopen)).toEqual({ kind: 'rejected', reason: 'unknown-task' });
});
