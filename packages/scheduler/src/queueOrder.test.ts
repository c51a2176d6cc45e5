import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskPlan } from './model.ts';
import { compareTasks, dispatchOrder, queuedSuccessor } from './queueOrder.ts';
import { jobNamed } from './testFarm.ts';

function queueOf(count: number, costs: readonly number[] = [10]) {
  const plans = new Map(jobNamed('one', count, { costs }).planned.map((plan) => [plan.taskId, plan]));
  const planOf = (taskId: string) => plans.get(taskId as never) as TaskPlan;
  const chunks = [...plans.values()].filter((plan) => plan.kind === 'encode');
  return { planOf, queue: chunks.sort(compareTasks).map((plan) => plan.taskId) };
}
const indexes = (queue: readonly string[]): number[] => queue.map((taskId) => Number(taskId.slice(-4)));

test('chunks are handed out in bit-reversed order', () => {
  expect(indexes(queueOf(8).queue)).toEqual([0, 4, 2, 6, 1, 5, 3, 7]);
  expect(indexes(queueOf(11).queue)).toEqual([0, 8, 4, 2, 10, 6, 1, 9, 5, 3, 7]);
});

test('any first chunks of a long film are spread over all of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 2000 }), fc.integer({ min: 2, max: 16 }), (count, taken) => {
      const first = indexes(queueOf(count).queue)
        .slice(0, taken)
        .sort((left, right) => left - right);
      const gaps = [...first.slice(1), count].map((at, index) => at - (first[index] ?? 0));
      // The film up to the next power of two is halved evenly: no stretch of it is left out for long.
      const whole = 2 ** Math.ceil(Math.log2(count));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(whole / 2 ** Math.floor(Math.log2(taken)));
    }),
    { numRuns: 200 },
  );
});

test('the last ones go longest first, equally long ones as spread as before', () => {
  const { queue, planOf } = queueOf(40, [10]);
  const last = queue.slice(-10);
  expect(dispatchOrder(last, 40, planOf)).toEqual(last);
  const uneven = queueOf(
    40,
    Array.from({ length: 40 }, (_, index) => 5 + (index % 7)),
  );
  const tail = dispatchOrder(uneven.queue.slice(-10), 40, uneven.planOf).map((id) => uneven.planOf(id).costSeconds);
  expect(tail).toEqual([...tail].sort((left, right) => right - left));
  expect(dispatchOrder(uneven.queue, 40, uneven.planOf)).toBe(uneven.queue);
});

test('the successor of a chunk is found in the queue, unless it has left it', () => {
  const { queue, planOf } = queueOf(100);
  for (const taskId of queue) {
    const { chunkIndex } = planOf(taskId);
    const found = queuedSuccessor(queue, planOf(taskId), planOf);
    expect(found === undefined ? 100 : planOf(found).chunkIndex).toBe((chunkIndex ?? 0) + 1);
    const without = queue.filter((other) => other !== found);
    expect(queuedSuccessor(without, planOf(taskId), planOf)).toBeUndefined();
  }
});
