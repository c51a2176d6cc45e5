import type { TaskId } from '@reelmill/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leasesOf, taskOf } from './state.ts';
import { nodeId, TestFarm } from './testFarm.ts';
import { obstaclesNow } from './waiting.ts';

const one = nodeId('one');
const beats = (farm: TestFarm, roomBytes: number, low = false) =>
  farm.does({ type: 'heartbeat', nodeId: one, held: farm.held(one), disk: { roomBytes, low } });
const held = (farm: TestFarm): number => leasesOf(farm.state, one).size;

test('a node gets no more than its disk takes, and what has ended makes room', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 4, disk: { roomBytes: 250, low: false } });
  const { chunks } = farm.plannedJob('film', 4, { needs: { diskBytes: 100 } });
  expect(held(farm)).toBe(2);
  const waiting = taskOf(farm.state, chunks[3] as TaskId);
  const node = farm.state.nodes.get(one);
  expect(node && obstaclesNow(farm.state, waiting, node)).toEqual([
    { kind: 'disk-now', neededBytes: 100, freeBytes: 50 },
  ]);
  farm.does({ type: 'free-slot', nodeId: one, taskId: chunks[0] as TaskId, attempt: 1 });
  // its result still lies there until it is delivered
  expect(held(farm)).toBe(2);
  farm.completes(chunks[0] as TaskId);
  expect(held(farm)).toBe(2);
  beats(farm, 1000);
  farm.passes(1000, [one]);
  expect(held(farm)).toBe(3);
});

test('the source is fetched once for all tasks of a job, and not at all on the machine of the coordinator', () => {
  const needs = { diskBytes: 10, fetchBytes: 100 };
  const remote = new TestFarm();
  remote.joins('one', { slots: 4, disk: { roomBytes: 135, low: false } });
  remote.plannedJob('film', 4, { needs });
  expect(held(remote)).toBe(3);
  const local = new TestFarm();
  local.joins('one', { slots: 4, local: true, disk: { roomBytes: 40, low: false } });
  local.plannedJob('film', 4, { needs });
  expect(held(local)).toBe(4);
});

test('a low disk gets nothing new until it says that it has room again', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2, disk: { roomBytes: 1000, low: true } });
  const { chunks } = farm.plannedJob('film', 2, { needs: { diskBytes: 100 } });
  farm.passes(60_000, [one]);
  expect(held(farm)).toBe(0);
  const node = farm.state.nodes.get(one);
  expect(node && obstaclesNow(farm.state, taskOf(farm.state, chunks[0] as TaskId), node)).toEqual([
    { kind: 'disk-low', roomBytes: 1000 },
  ]);
  beats(farm, 1000);
  farm.passes(1000, [one]);
  expect(held(farm)).toBe(2);
});

test('whatever is reported and ends, promises never exceed what the disk had when they were made', () => {
  const step = fc.record({ roomBytes: fc.integer({ min: 0, max: 60 }), low: fc.boolean(), end: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 20 }), (steps, diskBytes) => {
      const farm = new TestFarm();
      farm.joins('one', { slots: 3, waitingOffers: 2, disk: { roomBytes: 0, low: false } });
      farm.plannedJob('film', 12, { needs: { diskBytes } });
      for (const { roomBytes, low, end } of steps) {
        beats(farm, roomBytes, low);
        const before = held(farm);
        const running = [...leasesOf(farm.state, one).keys()];
        const ended = running[end % (running.length + 1)];
        if (ended === undefined) farm.does({ type: 'tick' });
        else farm.completes(ended);
        const granted = held(farm) - (before - Number(ended !== undefined));
        if (granted > 0) expect(low).toBe(false);
        if (granted > 0) expect(held(farm) * diskBytes).toBeLessThanOrEqual(roomBytes);
      }
    }),
    { numRuns: 100 },
  );
});

test('where rooms are waited for, a full disk is no fault of the task', () => {
  const outcomes = [true, false].map((waitsForSpace) => {
    const farm = new TestFarm();
    farm.waitsForSpace = waitsForSpace;
    farm.joins('one', { slots: 1 });
    const { jobId, chunks } = farm.plannedJob('film', 1);
    farm.fails(chunks[0] as TaskId, 'DISK_FULL');
    return farm.state.jobs.get(jobId)?.phase.kind;
  });
  expect(outcomes).toEqual(['active', 'failed']);
});
