import { expect, test } from 'vitest';
import { evolveAll } from './evolve.ts';
import { isDurable } from './isDurable.ts';
import { initialState, taskOf } from './state.ts';
import { jobNamed, nodeId, TestFarm } from './testFarm.ts';
import { waitingTasks } from './waiting.ts';

const one = nodeId('one');
const inUse = { reason: 'in-use' as const, by: null, since: '2026-01-01T00:00:00.000Z', until: null };

test('a pause takes no lease away; what the node gives back is queued at once, and nothing is charged', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  const [first, second] = farm.plannedJob('one', 2).chunks as [never, never];
  const told = farm.does({ type: 'pause-node', nodeId: one, mode: 'now', by: 'anna' });
  expect(told).toEqual([
    { type: 'tell-pause', nodeId: one, pause: expect.objectContaining({ mode: 'now', by: 'anna' }) },
  ]);
  expect([farm.holder(first), farm.holder(second)]).toEqual(['node-one', 'node-one']);
  farm.does({ type: 'note-standing', nodeId: one, closure: null, givenBack: farm.held(one) });
  for (const taskId of [first, second]) {
    expect(taskOf(farm.state, taskId)).toMatchObject({ failures: 0, losses: 0, failedOn: [] });
    expect(taskOf(farm.state, taskId).phase).toMatchObject({ kind: 'queued', notBefore: farm.at });
  }
  farm.joins('two', { slots: 2 });
  expect([farm.holder(first), farm.holder(second)]).toEqual(['node-two', 'node-two']);
});

test('two hundred give-backs of one task end nothing', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  for (let count = 0; count < 200; count += 1) {
    expect(farm.holder(chunk)).toBe('node-one');
    farm.does({ type: 'note-standing', nodeId: one, closure: inUse, givenBack: farm.held(one) });
    expect(farm.phase(chunk)).toBe('queued');
    farm.does({ type: 'note-standing', nodeId: one, closure: null, givenBack: [] });
  }
  farm.completes(chunk);
  expect(farm.phase(chunk)).toBe('completed');
});

test('a pause outlives connections and the coordinator; the node is told at each join', () => {
  const farm = new TestFarm();
  farm.joins('one');
  farm.does({ type: 'pause-node', nodeId: one, mode: 'after-chunk', by: 'anna' });
  const pause = { mode: 'after-chunk', by: 'anna', since: '2026-01-01T00:00:00.000Z' };
  const replayed = new TestFarm();
  replayed.state = evolveAll(initialState, farm.events.filter(isDurable));
  replayed.at = 5;
  replayed.does({ type: 'boot' });
  expect(replayed.joins('one')).toContainEqual({ type: 'tell-pause', nodeId: one, pause });
  const [chunk] = replayed.plannedJob('two', 1).chunks as [never];
  expect(replayed.phase(chunk)).toBe('queued');
  expect(replayed.does({ type: 'resume-node', nodeId: one })).toContainEqual({
    type: 'tell-pause',
    nodeId: one,
    pause: null,
  });
  expect(replayed.holder(chunk)).toBe('node-one');
});

test('an offer that crossed a pause on the wire is given back; the node is not distrusted for it', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  const [held] = farm.held(one);
  farm.does({ type: 'note-standing', nodeId: one, closure: inUse, givenBack: [] });
  const error = { code: 'NODE_REFUSED' as const, cause: '', fix: '', details: {} };
  farm.does({ type: 'offer-refused', nodeId: one, ...(held as never as { taskId: never; attempt: number }), error });
  expect(taskOf(farm.state, chunk)).toMatchObject({ failures: 0, losses: 0, failedOn: [], phase: { kind: 'queued' } });
  farm.does({ type: 'note-standing', nodeId: one, closure: null, givenBack: [] });
  expect(farm.holder(chunk)).toBe('node-one');
});

test('what a node gave back while it was cut off is in its next hello, and no loss', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  const givenBack = farm.held(one);
  farm.does({ type: 'leave-node', nodeId: one, reason: 'disconnected' });
  const node = { nodeId: one, name: 'one', slots: 1, toolchainClass: 'x64', local: false, closure: inUse };
  farm.does({ type: 'join-node', node, held: [], givenBack });
  expect(taskOf(farm.state, chunk)).toMatchObject({ losses: 0, phase: { kind: 'queued' } });
});

test('a node gets nothing new before it follows the hours that the farm set; what it has goes on', () => {
  const farm = new TestFarm();
  farm.joins('one', { farmHours: null });
  const [first, second] = farm.plannedJob('one', 2).chunks as [never, never];
  const schedule = 'mon-fri 19:00-07:00';
  const set = { type: 'set-hours', nodeId: one, schedule, by: 'anna' } as const;
  const hours = { schedule, by: 'anna', since: '2026-01-01T00:00:00.000Z' };
  expect(farm.does(set)).toEqual([{ type: 'tell-hours', nodeId: one, hours }]);
  expect(farm.holder(first)).toBe('node-one');
  farm.completes(first);
  const why = () => waitingTasks(farm.state, jobNamed('one', 0).jobId)[0]?.nodes[0]?.obstacles;
  expect(why()).toEqual([{ kind: 'hours-unheard' }]);
  const closure = { ...inUse, reason: 'outside-hours' as const, by: 'anna' };
  farm.does({ type: 'note-standing', nodeId: one, closure, farmHours: schedule, givenBack: [] });
  expect(why()).toEqual([{ kind: 'outside-hours', by: 'anna', until: null }]);
  farm.does({ type: 'note-standing', nodeId: one, closure: null, farmHours: schedule, givenBack: [] });
  expect(farm.holder(second)).toBe('node-one');
});

test('hours outlive connections and the coordinator; the node is told at each join, and taking them back opens it', () => {
  const farm = new TestFarm();
  const schedule = 'sat-sun 00:00-24:00';
  farm.does({ type: 'set-hours', nodeId: one, schedule, by: 'anna' });
  const replayed = new TestFarm();
  replayed.state = evolveAll(initialState, farm.events.filter(isDurable));
  replayed.at = 5;
  replayed.does({ type: 'boot' });
  // An agent of an older version knows of no such hours.
  expect(replayed.joins('one')).toContainEqual(expect.objectContaining({ type: 'tell-hours', nodeId: one }));
  const [chunk] = replayed.plannedJob('two', 1).chunks as [never];
  expect(replayed.phase(chunk)).toBe('queued');
  const cleared = { type: 'set-hours', nodeId: one, schedule: null, by: 'anna' } as const;
  expect(replayed.does(cleared)).toContainEqual({ type: 'tell-hours', nodeId: one, hours: null });
  expect(replayed.holder(chunk)).toBe('node-one');
  expect(replayed.tries(cleared).kind).toBe('rejected');
});
