import { expect, test } from 'vitest';
import { revokedLeases } from './leases.ts';
import { errorOf, nodeId, TestFarm } from './testFarm.ts';

const one = nodeId('one');
const two = nodeId('two');

/** A farm whose node `one` works on the only chunk of a job. */
function farmAtWork(slots = 1) {
  const farm = new TestFarm();
  farm.joins('one', { slots });
  const job = farm.plannedJob('one', 1);
  return { farm, job, chunk: job.chunks[0] as (typeof job.chunks)[number] };
}

test('a heartbeat renews the leases it names, for ever', () => {
  const { farm, chunk } = farmAtWork();
  farm.passes(120_000, [one]);
  expect(farm.holder(chunk)).toBe('node-one');
  expect(farm.attempts(chunk)).toBe(1);
});

test('a heartbeat that does not name a lease does not renew it', () => {
  const { farm, chunk } = farmAtWork();
  farm.joins('two');
  for (let second = 0; second < 11; second += 1) {
    farm.at += 1000;
    farm.does({ type: 'heartbeat', nodeId: one, held: [] });
    farm.does({ type: 'heartbeat', nodeId: two, held: farm.held(two) });
    farm.does({ type: 'tick' });
  }
  expect(farm.holder(chunk)).toBe('node-two');
});

test('a silent node loses its lease after 10 s, not before', () => {
  const { farm, chunk } = farmAtWork();
  farm.passes(9_999);
  expect(farm.holder(chunk)).toBe('node-one');
  farm.passes(1);
  expect(farm.phase(chunk)).toBe('queued');
});

test('a late heartbeat that arrives before the lease was given away still renews it', () => {
  const { farm, chunk } = farmAtWork();
  farm.passes(9_000);
  farm.at += 4_000;
  farm.does({ type: 'heartbeat', nodeId: one, held: [{ taskId: chunk, attempt: 1 }] });
  farm.does({ type: 'tick' });
  expect(farm.holder(chunk)).toBe('node-one');
});

test('a jump of the clock gives every lease one grace period', () => {
  const { farm, chunk } = farmAtWork();
  farm.at += 3_600_000;
  farm.does({ type: 'tick' });
  expect(farm.holder(chunk)).toBe('node-one');
  farm.passes(9_000);
  expect(farm.holder(chunk)).toBe('node-one');
  farm.passes(1_000);
  expect(farm.phase(chunk)).toBe('queued');
});

test('a clock that runs backwards changes nothing', () => {
  const { farm, chunk } = farmAtWork();
  farm.passes(5_000);
  const { clock } = farm.state;
  farm.at -= 4_000;
  farm.does({ type: 'tick' });
  expect(farm.state.clock).toBe(clock);
  expect(farm.holder(chunk)).toBe('node-one');
});

test('a node is told which of its leases no longer count', () => {
  const { farm, chunk } = farmAtWork();
  farm.joins('two');
  farm.passes(11_000, [two]);
  expect(farm.holder(chunk)).toBe('node-two');
  expect(revokedLeases(farm.state, one, [{ taskId: chunk, attempt: 1 }])).toEqual([{ taskId: chunk, attempt: 1 }]);
  expect(revokedLeases(farm.state, two, [{ taskId: chunk, attempt: 2 }])).toEqual([]);
});

test('a heartbeat of a node that never joined is rejected', () => {
  const { farm } = farmAtWork();
  expect(farm.tries({ type: 'heartbeat', nodeId: two, held: [] })).toEqual({
    kind: 'rejected',
    reason: 'unknown-node',
  });
});

test('a refused offer goes to another node and is not charged', () => {
  const { farm, chunk } = farmAtWork();
  farm.joins('two');
  const refusal = { nodeId: one, taskId: chunk, attempt: 1, error: errorOf('NODE_REFUSED') };
  farm.does({ type: 'offer-refused', ...refusal });
  expect(farm.tries({ type: 'offer-refused', ...refusal })).toMatchObject({ kind: 'rejected', reason: 'stale' });
  farm.passes(1_000, [one, two]);
  expect(farm.holder(chunk)).toBe('node-two');
  expect(farm.state.tasks.get(chunk)).toMatchObject({ failures: 0, losses: 1, failedOn: [one] });
});

test('an attempt that only delivers its result frees its slot but keeps its lease', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [first, third, second] = farm.plannedJob('one', 3).chunks as [never, never, never];
  const offers = farm.does({ type: 'free-slot', nodeId: one, taskId: first, attempt: 1 });
  expect(offers).toEqual([{ type: 'offer-task', nodeId: one, taskId: second, attempt: 1 }]);
  farm.passes(30_000, [one]);
  expect(farm.holder(first)).toBe('node-one');
  // At most as many deliveries as slots: a slow link does not pile up finished work.
  expect(farm.does({ type: 'free-slot', nodeId: one, taskId: second, attempt: 1 })).toEqual([]);
  farm.completes(first);
  expect(farm.holder(third)).toBe('node-one');
});

test('twenty lost leases give the job up, with the reason of the last', () => {
  const { farm, job, chunk } = farmAtWork();
  for (let loss = 0; loss < 20; loss += 1) {
    if (farm.phase(chunk) !== 'leased') farm.passes(16_000, [one]);
    farm.does({
      type: 'offer-refused',
      nodeId: one,
      taskId: chunk,
      attempt: farm.attempts(chunk),
      error: errorOf('NODE_REFUSED'),
    });
  }
  const phase = farm.state.jobs.get(job.jobId)?.phase;
  expect(phase).toMatchObject({ kind: 'failed', taskId: chunk, error: { code: 'TOO_MANY_LOSSES' } });
  expect(phase).toMatchObject({ error: { details: { losses: 20, lastReason: 'refused' } } });
});
