import type { TaskId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { freeSlots, tasksAhead } from './nodes.ts';
import { leasesOf, taskOf } from './state.ts';
import { nodeId, TestFarm } from './testFarm.ts';

const one = nodeId('one');
const two = nodeId('two');

const line = (farm: TestFarm, id: typeof one): string[] =>
  [...leasesOf(farm.state, id).keys()].map((taskId) => String(Number(taskId.slice(-4))));
const running = (farm: TestFarm, id: typeof one): TaskId => [...leasesOf(farm.state, id).keys()][0] as TaskId;

test('a node without a measure gets one task a slot; then as many as fit into ten seconds', () => {
  const farm = new TestFarm();
  farm.joins('one', { waitingOffers: 8 });
  farm.plannedJob('one', 64);
  expect(line(farm, one)).toEqual(['0']);
  farm.completes(running(farm, one), 2);
  // Chunks in bit-reversed order begin at 0, 32, …; what waits follows what runs.
  expect(line(farm, one)).toEqual(['32', '33', '34', '35', '36', '37']);
  const node = farm.state.nodes.get(one);
  expect(node && [freeSlots(farm.state, node), tasksAhead(farm.state, node)]).toEqual([0, 5]);
});

test('long tasks do not wait at a node', () => {
  const farm = new TestFarm();
  farm.joins('one', { waitingOffers: 8 });
  farm.plannedJob('one', 64);
  farm.completes(running(farm, one), 11);
  expect(line(farm, one)).toHaveLength(1);
});

test('an agent that lets no offers wait gets none', () => {
  const farm = new TestFarm();
  farm.joins('one');
  farm.plannedJob('one', 64);
  farm.completes(running(farm, one), 0.2);
  expect(line(farm, one)).toHaveLength(1);
});

test('batches shrink towards the end of a job, to single tasks', () => {
  const farm = new TestFarm();
  farm.joins('one', { waitingOffers: 8 });
  farm.joins('two', { waitingOffers: 8 });
  const { chunks } = farm.plannedJob('one', 40);
  const waits: number[] = [];
  while (chunks.some((chunk) => farm.phase(chunk) === 'queued')) {
    for (const id of [one, two]) {
      farm.completes(running(farm, id), 1);
      waits.push(line(farm, id).length - 1);
    }
  }
  expect(Math.max(...waits)).toBeGreaterThanOrEqual(4);
  expect(waits.slice(-2).every((wait) => wait <= 1)).toBe(true);
});

test('a waiting task is taken back for an idle node, a running one never', () => {
  const farm = new TestFarm();
  farm.joins('one', { waitingOffers: 8 });
  farm.plannedJob('one', 8);
  farm.completes(running(farm, one), 2);
  expect(line(farm, one)).toEqual(['4', '5', '6']);
  // The queue is done by others: what is left waits here.
  farm.joins('helper');
  for (let done = 0; done < 4; done += 1) farm.completes(running(farm, nodeId('helper')), 2);
  farm.does({ type: 'leave-node', nodeId: nodeId('helper'), reason: 'bye' });
  const [begun, last] = [running(farm, one), [...leasesOf(farm.state, one).keys()].at(-1) as TaskId];
  farm.joins('two');
  const asked = { type: 'recall-lease', nodeId: one, taskId: last, attempt: 1 };
  const effects = farm.passes(2_000, [one, two]);
  expect(effects.filter((effect) => 'taskId' in effect && effect.taskId === last)).toEqual([asked]);
  expect(effects).not.toContainEqual({ ...asked, taskId: begun });
  farm.does({ type: 'return-task', nodeId: one, taskId: last, attempt: 1 });
  expect([farm.holder(last), farm.attempts(last)]).toEqual([two, 2]);
  expect(taskOf(farm.state, last)).toMatchObject({ losses: 0, failures: 0, failedOn: [] });
  expect([farm.holder(begun), farm.attempts(begun)]).toEqual([one, 1]);
});
