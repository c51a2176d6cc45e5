import { expect, test } from 'vitest';
import { encodeIdOf, jobIdOf, nodeIdOf, TestFarm } from './testing/testFarm.ts';

const jobId = jobIdOf(1);

/** A chunk that three nodes failed, one after the other. */
function failedFarm(): TestFarm {
  const farm = new TestFarm();
  for (const index of [1, 2, 3]) farm.join(nodeIdOf(index), 1);
  farm.submit(jobId);
  farm.plan(jobId, 1);
  for (let second = 0; second < 120 && farm.job(jobId)?.state !== 'failed'; second += 2) {
    farm.fail(encodeIdOf(jobId, 0));
    farm.advance(2_000);
    for (const index of [1, 2, 3]) farm.command({ type: 'heartbeat', nodeId: nodeIdOf(index), held: [] });
    farm.command({ type: 'tick' });
  }
  return farm;
}

test('a failed job names the nodes that tried', () => {
  const job = failedFarm().job(jobId);
  expect(job).toMatchObject({ state: 'failed', givenUp: false, error: { code: 'ENCODE_FAILED' } });
  expect(job?.failedOn.toSorted()).toEqual(['studio node-1', 'studio node-2', 'studio node-3']);
});

test('given up it says so, and a retry takes that back', () => {
  const farm = failedFarm();
  farm.command({ type: 'give-up-job', jobId });
  farm.advance(1_000);
  expect(farm.job(jobId)).toMatchObject({ state: 'failed', givenUp: true });
  farm.command({ type: 'retry-job', jobId });
  farm.advance(1_000);
  expect(farm.job(jobId)).toMatchObject({ givenUp: false, failedOn: [], error: null });
});
