import { retryLimits } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { jitteredMs, judgeFailure, lossDelayMs } from './retryPolicy.ts';
import { errorOf, jobNamed, TestFarm } from './testFarm.ts';

const task = (attempts: number, losses = 0) => {
  const farm = new TestFarm();
  const { chunks, jobId } = farm.plannedJob('one', 1);
  const state = farm.state.tasks.get(chunks[0] as never);
  if (state === undefined) throw new Error(`${jobId} has no chunk`);
  return { ...state, attempts, losses };
};

test('the wait is half to whole of the backoff, the same at every replay, another for every task and attempt', () => {
  const waits = jobNamed('many', 200).planned.map((plan) => jitteredMs(1_000, { plan, attempts: 1 }));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
  expect(new Set(waits).size).toBeGreaterThan(150);
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  expect(Math.abs(mean - 750)).toBeLessThan(40);
  expect(jitteredMs(1_000, task(1))).toBe(jitteredMs(1_000, task(1)));
  expect(jitteredMs(1_000, task(1))).not.toBe(jitteredMs(1_000, task(2)));
});

test('a store that does not answer is given more time than an encoder that failed', () => {
  const error = errorOf('STORAGE_UNREACHABLE');
  const wait = lossDelayMs(task(1), { reason: 'infrastructure', error });
  const { first } = retryLimits.backoffMsByCode.STORAGE_UNREACHABLE ?? { first: 0 };
  expect(wait).toBeGreaterThanOrEqual(first / 2);
  expect(lossDelayMs(task(9, 9), { reason: 'infrastructure', error })).toBeGreaterThanOrEqual(15_000);
  expect(judgeFailure(task(1), errorOf('ENCODE_FAILED'), { othersLeft: true })).toMatchObject({ kind: 'retry' });
  expect(lossDelayMs(task(1), { reason: 'expired', error: null })).toBe(0);
});
