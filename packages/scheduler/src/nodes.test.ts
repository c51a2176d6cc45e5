import { expect, test } from 'vitest';
import { nodeId, TestFarm } from './testFarm.ts';

const one = nodeId('one');
const node = { nodeId: one, name: 'one', slots: 2, toolchainClass: 'x64', local: false };

test('a node that reconnects keeps the leases it still holds', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  const [first, second] = farm.plannedJob('one', 2).chunks as [never, never];
  farm.does({ type: 'leave-node', nodeId: one, reason: 'disconnected' });
  farm.passes(8_000);
  farm.does({ type: 'join-node', node, held: farm.held(one) });
  farm.passes(8_000);
  expect([farm.holder(first), farm.holder(second)]).toEqual(['node-one', 'node-one']);
  expect([farm.attempts(first), farm.attempts(second)]).toEqual([1, 1]);
});

test('a node that comes back without a lease loses it at once', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  const [first, second] = farm.plannedJob('one', 2).chunks as [never, never];
  const offers = farm.does({ type: 'join-node', node, held: [{ taskId: first, attempt: 1 }] });
  expect(offers).toEqual([{ type: 'offer-task', nodeId: one, taskId: second, attempt: 2 }]);
  expect(farm.attempts(first)).toBe(1);
});

test('a node that comes back with another FFmpeg build loses what that build may not continue', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  farm.does({ type: 'join-node', node: { ...node, toolchainClass: 'arm' }, held: [{ taskId: chunk, attempt: 1 }] });
  expect(farm.phase(chunk)).toBe('queued');
});

test('a node that says goodbye gives its leases to others at once', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  farm.joins('two');
  farm.does({ type: 'leave-node', nodeId: one, reason: 'bye' });
  expect(farm.holder(chunk)).toBe('node-two');
});

test('a node that vanishes keeps its leases until they expire', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  farm.joins('two');
  farm.does({ type: 'leave-node', nodeId: one, reason: 'disconnected' });
  expect(farm.holder(chunk)).toBe('node-one');
  farm.passes(10_000, [nodeId('two')]);
  expect(farm.holder(chunk)).toBe('node-two');
});

test('a paused node finishes what it holds and gets nothing new', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [first, second] = farm.plannedJob('one', 2).chunks as [never, never];
  farm.does({ type: 'pause-node', nodeId: one, mode: 'after-chunk', by: 'anna' });
  farm.completes(first);
  expect(farm.phase(second)).toBe('queued');
  farm.does({ type: 'resume-node', nodeId: one });
  expect(farm.holder(second)).toBe('node-one');
});

test('a node that missed its heartbeats gets nothing new', () => {
  const farm = new TestFarm();
  farm.joins('one');
  farm.joins('two');
  farm.passes(6_000, [nodeId('two')]);
  const [first, second] = farm.plannedJob('one', 2).chunks as [never, never];
  expect(farm.holder(first)).toBe('node-two');
  expect(farm.phase(second)).toBe('queued');
});

test('leaving, resuming and heartbeats of unknown nodes are rejected', () => {
  const farm = new TestFarm();
  const rejection = { kind: 'rejected', reason: 'unknown-node' };
  expect(farm.tries({ type: 'leave-node', nodeId: one, reason: 'bye' })).toEqual(rejection);
  expect(farm.tries({ type: 'resume-node', nodeId: one })).toEqual(rejection);
  expect(farm.tries({ type: 'note-standing', nodeId: one, closure: null, givenBack: [] })).toEqual(rejection);
  expect(farm.tries({ type: 'prove-node', nodeId: one, hardwareClasses: [] })).toEqual(rejection);
});
