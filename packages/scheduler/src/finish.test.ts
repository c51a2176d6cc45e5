import { expect, test } from 'vitest';
import { errorOf, nodeId, resultOf, TestFarm } from './testFarm.ts';

const one = nodeId('one');
const two = nodeId('two');
const completed = { kind: 'completed', result: resultOf(one) } as const;

/** Node `one` lost its lease of the chunk to node `two`. */
function farmWithMovedLease() {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 1);
  farm.joins('two');
  farm.passes(11_000, [two]);
  return { farm, job, chunk: job.chunks[0] as (typeof job.chunks)[number] };
}

test('the late result of a lost lease is stale and commits nothing', () => {
  const { farm, chunk } = farmWithMovedLease();
  const late = farm.tries({ type: 'finish-task', nodeId: one, taskId: chunk, attempt: 1, outcome: completed });
  expect(late).toEqual({ kind: 'rejected', reason: 'stale' });
  const forged = farm.tries({ type: 'finish-task', nodeId: one, taskId: chunk, attempt: 2, outcome: completed });
  expect(forged).toEqual({ kind: 'rejected', reason: 'stale' });
  expect(farm.holder(chunk)).toBe('node-two');
});

test('a result sent twice is accepted once and recognised the second time', () => {
  const { farm, chunk } = farmWithMovedLease();
  farm.completes(chunk);
  const again = { type: 'finish-task', nodeId: two, taskId: chunk, attempt: 2, outcome: completed } as const;
  expect(farm.tries(again)).toEqual({ kind: 'rejected', reason: 'duplicate' });
  expect(farm.tries({ ...again, nodeId: one })).toEqual({ kind: 'rejected', reason: 'stale' });
});

test('a result that arrives while its node is disconnected counts', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  farm.does({ type: 'leave-node', nodeId: one, reason: 'disconnected' });
  farm.completes(chunk);
  expect(farm.phase(chunk)).toBe('completed');
});

test('a result of a task nobody knows is rejected', () => {
  const { farm } = farmWithMovedLease();
  const taskId = 'J-zzzzzzzzzz/probe' as never;
  expect(farm.tries({ type: 'finish-task', nodeId: one, taskId, attempt: 1, outcome: completed })).toMatchObject({
    reason: 'unknown-task',
  });
});

test('one node alone gives a poison chunk up after three tries, and with it the job', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  const job = farm.plannedJob('one', 2);
  const [poison, other] = job.chunks as [never, never];
  farm.fails(poison);
  farm.passes(2_000, [one]);
  farm.fails(poison);
  farm.passes(2_000, [one]);
  expect(farm.attempts(poison)).toBe(3);
  const effects = farm.fails(poison);
  expect(effects).toContainEqual({ type: 'cancel-lease', nodeId: one, taskId: other, attempt: 1 });
  expect(effects).toContainEqual({ type: 'sweep-job', jobId: job.jobId, keepSegments: true });
  expect(farm.state.jobs.get(job.jobId)?.phase).toMatchObject({ kind: 'failed', taskId: poison });
  expect([farm.phase(poison), farm.phase(other)]).toEqual(['failed', 'canceled']);
  expect(farm.state.tasks.get(poison)?.failures).toBe(3);
});

test('an error that no retry can mend fails the job at once', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 1);
  farm.fails(job.chunks[0] as never, 'SOURCE_CHANGED');
  expect(farm.state.jobs.get(job.jobId)?.phase).toMatchObject({ kind: 'failed', error: { code: 'SOURCE_CHANGED' } });
});

test('a failure of the infrastructure is not charged', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  for (let loss = 0; loss < 5; loss += 1) {
    farm.fails(chunk, 'STORAGE_UNREACHABLE');
    farm.passes(16_000, [one]);
  }
  expect(farm.state.tasks.get(chunk)).toMatchObject({ failures: 0, losses: 5, failedOn: [] });
  expect(farm.phase(chunk)).toBe('leased');
});

test('an agent that was stopped while it worked is not to blame', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  farm.fails(chunk, 'CANCELED');
  expect(farm.state.tasks.get(chunk)).toMatchObject({ failures: 0, losses: 1 });
});

test('a full disk of one node sends the chunk to another; the last full disk fails the job', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 1);
  const [chunk] = job.chunks as [never];
  farm.joins('two');
  farm.fails(chunk, 'DISK_FULL');
  farm.passes(1_000, [one, two]);
  expect(farm.holder(chunk)).toBe('node-two');
  farm.fails(chunk, 'DISK_FULL');
  expect(farm.state.jobs.get(job.jobId)?.phase).toMatchObject({ kind: 'failed', error: { code: 'DISK_FULL' } });
});

test('a chunk found bad is made again elsewhere, and what was built on it stops and waits', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 1);
  const [chunk] = job.chunks as [never];
  farm.completes(chunk);
  expect(farm.phase(job.assemble)).toBe('leased');
  farm.joins('two');
  const error = errorOf('STORAGE_CORRUPT');
  const effects = farm.does({ type: 'reopen-task', taskId: chunk, attempt: 1, error });
  expect(effects).toContainEqual({ type: 'cancel-house-task', taskId: job.assemble, attempt: 1 });
  expect(farm.phase(job.assemble)).toBe('blocked');
  expect(farm.holder(chunk)).toBe('node-two');
  expect(farm.tries({ type: 'reopen-task', taskId: chunk, attempt: 1, error })).toMatchObject({ reason: 'stale' });
  farm.completes(chunk);
  expect(farm.attempts(job.assemble)).toBe(2);
});

test('a chunk found bad three times fails the job; its retry assembles again', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 1);
  const [chunk] = job.chunks as [never];
  for (let round = 1; round <= 3; round += 1) {
    farm.completes(chunk);
    if (round === 3) farm.completes(job.assemble);
    farm.does({
      type: 'reopen-task',
      taskId: chunk,
      attempt: farm.attempts(chunk),
      error: errorOf('OVERLAP_MISMATCH'),
    });
    farm.passes(1_000, [one]);
  }
  expect(farm.state.jobs.get(job.jobId)?.phase).toMatchObject({ kind: 'failed', error: { code: 'OVERLAP_MISMATCH' } });
  farm.does({ type: 'retry-job', jobId: job.jobId });
  expect([farm.phase(chunk), farm.phase(job.assemble)]).toEqual(['leased', 'blocked']);
});
