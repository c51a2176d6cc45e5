import type { TaskId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { jobNamed, nodeId, TestFarm } from './testFarm.ts';
import { stuckTasks, waitingTasks } from './waiting.ts';

const gigabyte = 1e9;
const [small, big] = [nodeId('small'), nodeId('big')];
const needs = (gigabytes: number) => ({ needs: { memoryBytes: gigabytes * gigabyte } });
const memory = (gigabytes: number, slots = 4) => ({ slots, memoryBytes: gigabytes * gigabyte });
const reasons = (farm: TestFarm, name: string) =>
  waitingTasks(farm.state, jobNamed(name, 0).jobId).flatMap(({ nodes }) =>
    nodes.map(({ nodeId: id, obstacles }) => [id, ...obstacles.map(({ kind }) => kind)].join(' ')),
  );

test('a node takes no more than its memory holds, however many slots are free', () => {
  const farm = new TestFarm();
  farm.joins('one', memory(8));
  const { chunks } = farm.plannedJob('one', 4, needs(3));
  expect(chunks.map((chunk) => farm.phase(chunk))).toEqual(['leased', 'queued', 'leased', 'queued']);
  expect(reasons(farm, 'one')).toEqual(['node-one memory-now']);
  farm.completes(chunks[0] as never);
  expect(farm.phase(chunks[1] as never)).toBe('leased');
});

test('an attempt that only delivers its result holds no memory', () => {
  const farm = new TestFarm();
  farm.joins('one', memory(8));
  const [first, second] = farm.plannedJob('one', 2, needs(6)).chunks as [never, never];
  farm.does({ type: 'free-slot', nodeId: nodeId('one'), taskId: first, attempt: 1 });
  expect(farm.phase(second)).toBe('leased');
});

test('what no node can hold waits, says so, and starts when a larger node joins', () => {
  const farm = new TestFarm();
  farm.joins('small', memory(8));
  const job = farm.plannedJob('one', 1, needs(12));
  expect(reasons(farm, 'one')).toEqual(['node-small memory']);
  const stuck = stuckTasks(farm.state, job.jobId);
  expect(stuck?.nodes.flatMap(({ obstacles }) => obstacles)).toEqual([
    { kind: 'memory', neededBytes: 12 * gigabyte, nodeBytes: 8 * gigabyte },
  ]);
  farm.joins('big', memory(16));
  expect(farm.holder(job.chunks[0] as never)).toBe(big);
  expect(stuckTasks(farm.state, job.jobId)).toBeNull();
});

test('nodes and tasks that say nothing about memory are never checked', () => {
  const farm = new TestFarm();
  farm.joins('one');
  farm.joins('two', memory(1));
  expect(farm.holder(farm.plannedJob('one', 1, needs(64)).chunks[0] as never)).toBe('node-one');
  expect(farm.holder(farm.plannedJob('two', 1).chunks[0] as never)).toBe('node-two');
});

test('a pinned rendition is encoded by nodes that carry its tag, and by no other', () => {
  const farm = new TestFarm();
  farm.joins('plain', { slots: 4 });
  const pin = { tags: ['gpu'], spill: 'never' } as const;
  const { chunks, audio } = farm.plannedJob('one', 2, { needs: { pin }, audio: true });
  expect([...chunks, audio].map((task) => farm.phase(task))).toEqual(['queued', 'queued', 'leased']);
  expect(reasons(farm, 'one')).toEqual(['node-plain tag']);
  farm.passes(120_000, [nodeId('plain')]);
  expect(farm.phase(chunks[0] as never)).toBe('queued');
  farm.joins('tagged', { tags: ['gpu', 'fast'] });
  expect(chunks.map((chunk) => farm.holder(chunk))).toEqual(['node-tagged', null]);
});

test('with the spill rule others help once the tagged nodes had no room for half a minute', () => {
  const farm = new TestFarm();
  const living = [nodeId('plain'), nodeId('tagged')];
  farm.joins('plain');
  farm.joins('tagged', { tags: ['gpu'] });
  const pin = { tags: ['gpu'], spill: 'busy' } as const;
  const { chunks } = farm.plannedJob('one', 2, { needs: { pin } });
  farm.passes(29_000, living);
  expect(chunks.map((chunk) => farm.holder(chunk))).toEqual(['node-tagged', null]);
  farm.passes(2_000, living);
  expect(chunks.map((chunk) => farm.holder(chunk))).toEqual(['node-tagged', 'node-plain']);
  farm.passes(5_000, living);
  expect(farm.state.patience.since.size).toBe(0);
});

test('a node that is dedicated to kinds of tasks takes no other', () => {
  const farm = new TestFarm();
  farm.joins('sound', { slots: 2, kinds: ['audio'] });
  const { chunks, audio } = farm.plannedJob('one', 1, { audio: true });
  expect([farm.phase(chunks[0] as never), farm.holder(audio)]).toEqual(['queued', 'node-sound']);
  expect(reasons(farm, 'one')).toEqual(['node-sound task-kind']);
  farm.joins('any');
  expect(farm.holder(chunks[0] as never)).toBe('node-any');
});

test('a node takes no more tasks of a kind at once than its cap for it, however many slots are free', () => {
  const farm = new TestFarm();
  farm.joins('capped', { slots: 4, kindCaps: { encode: 2 } });
  const { chunks, audio } = farm.plannedJob('one', 4, { audio: true });
  expect(chunks.map((chunk) => farm.phase(chunk))).toEqual(['leased', 'queued', 'leased', 'queued']);
  expect([farm.holder(audio), reasons(farm, 'one')]).toEqual(['node-capped', ['node-capped kind-cap']]);
  // what only delivers its result has no encoder any more
  farm.does({ type: 'free-slot', nodeId: nodeId('capped'), taskId: chunks[0] as never, attempt: 1 });
  expect(chunks.map((chunk) => farm.phase(chunk))).toEqual(['leased', 'leased', 'leased', 'queued']);
  farm.joins('other');
  expect(farm.holder(chunks[3] as never)).toBe('node-other');
});

test('what waits at a node counts against its cap too', () => {
  const farm = new TestFarm();
  farm.joins('capped', { slots: 1, waitingOffers: 8, kindCaps: { encode: 3 } });
  const { chunks } = farm.plannedJob('one', 40);
  const held = () => chunks.filter((chunk) => farm.phase(chunk) === 'leased');
  expect(held()).toHaveLength(1);
  farm.completes(held()[0] as never);
  expect(held()).toHaveLength(3);
});

test('every reason is told at once', () => {
  const farm = new TestFarm();
  farm.joins('one', { toolchainClass: 'arm', memoryBytes: 1, kinds: ['audio'] });
  farm.joins('two');
  farm.does({ type: 'pause-node', nodeId: nodeId('two'), mode: 'after-chunk', by: 'anna' });
  farm.plannedJob('one', 1, { needs: { memoryBytes: 2, pin: { tags: ['gpu'], spill: 'never' } } });
  expect(reasons(farm, 'one')).toEqual(['node-one class task-kind tag memory', 'node-two tag paused']);
});

test('a task that needs a whole node gets one in spite of an endless stream of small ones', () => {
  const farm = new TestFarm();
  const living = [small, big];
  farm.joins('small', memory(4, 2));
  farm.joins('big', memory(8, 4));
  const before = farm.plannedJob('before', 6, needs(2));
  const [wanted] = farm.plannedJob('wanted', 1, needs(7)).chunks as [never];
  const stream = farm.plannedJob('stream', 80, needs(2));
  const running = new Set<TaskId>();
  for (let second = 0; second < 60 && farm.phase(wanted) === 'queued'; second += 1) {
    farm.passes(1_000, living);
    // one at a time, the oldest first, so that a whole node is never free by itself
    const leased = [...before.chunks, ...stream.chunks].filter((chunk) => farm.phase(chunk) === 'leased');
    for (const chunk of leased) running.add(chunk);
    const [next] = running;
    if (next === undefined) continue;
    running.delete(next);
    farm.completes(next);
  }
  expect([farm.phase(wanted), farm.holder(wanted)]).toEqual(['leased', big]);
  expect(farm.state.patience.reservation).toBeNull();
  expect(stream.chunks.some((chunk) => farm.holder(chunk) === small)).toBe(true);
});

test('nor does it starve where the node it fits has a free slot only for moments, and another node is idle', () => {
  const farm = new TestFarm();
  const living = [nodeId('idle'), big];
  // takes nothing of this: its openings let every round see all that waits
  farm.joins('idle', { ...memory(1), kinds: ['join'] });
  farm.joins('big', memory(8, 4));
  const before = farm.plannedJob('before', 4, needs(2));
  const [wanted] = farm.plannedJob('wanted', 1, needs(7)).chunks as [never];
  const stream = farm.plannedJob('stream', 80, needs(2));
  for (let turn = 0; turn < 40 && farm.phase(wanted) === 'queued'; turn += 1) {
    farm.passes(3_000, living);
    const next = [...before.chunks, ...stream.chunks].find((chunk) => farm.phase(chunk) === 'leased');
    if (next !== undefined) farm.completes(next);
  }
  expect(farm.holder(wanted)).toBe(big);
});

test('a node that was kept free and leaves is not waited for', () => {
  const farm = new TestFarm();
  farm.joins('big', memory(8, 4));
  farm.plannedJob('stream', 20, needs(2));
  const [wanted] = farm.plannedJob('wanted', 1, needs(7)).chunks as [never];
  farm.passes(25_000, [big]);
  // all slots are taken: nothing was looked at yet
  expect(farm.state.patience.reservation).toBeNull();
  const [held] = farm.held(big);
  farm.completes(held?.taskId as never);
  farm.does({ type: 'leave-node', nodeId: big, reason: 'bye' });
  farm.joins('other', memory(8, 4));
  expect(farm.phase(wanted)).toBe('queued');
});
