import { FarmError, JobId, NodeId, WhyAnswer } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { TestFarm } from '../projection/testing/testFarm.ts';
import { obstacleText, waitingFor, whyWaiting } from './whyWaiting.ts';

const jobId = JobId.parse('J-aaaaaaaaaa');
const [one, two] = [NodeId.parse('one'), NodeId.parse('two')];
const gigabyte = 1e9;

/** A job with chunks of 12 GB each. */
function farmWith(needs: Parameters<TestFarm['plan']>[2]): TestFarm {
  const farm = new TestFarm();
  farm.submit(jobId);
  farm.plan(jobId, 3, needs);
  return farm;
}

test('a job that no node can hold says what it needs and what there is, in the answer and in the view', () => {
  const farm = farmWith({ memoryBytes: 12 * gigabyte });
  expect(waitingFor(farm.state, jobId)).toEqual({ code: 'no-node', text: 'no node is connected' });
  farm.join(one);
  const text = 'needs 12 GB of memory; the largest node has 8 GB';
  expect(waitingFor(farm.state, jobId)).toEqual({ code: 'memory', text });
  expect(farm.projection.snapshot().farm.jobs[0]?.waiting).toEqual({ code: 'memory', text });
  const answer = WhyAnswer.parse(whyWaiting(farm.state, jobId));
  expect(answer.note).toBe(`No connected node can take some of it: ${text}.`);
  expect(answer.waiting).toMatchObject([
    {
      kind: 'encode',
      tasks: 3,
      memoryBytes: 12 * gigabyte,
      nodes: [{ name: 'studio one', reasons: [{ code: 'memory' }] }],
    },
  ]);
});

test('a view that nothing else touches forgets its reason when a node joins that can', () => {
  const farm = farmWith({ pin: { tags: ['gpu'], spill: 'never' } });
  farm.join(one);
  const waiting = () => farm.projection.snapshot().farm.jobs[0]?.waiting;
  expect(waiting()).toEqual({ code: 'tag', text: 'needs a node with the tag gpu' });
  farm.join(two, 1, { tags: ['gpu'] });
  expect(waiting()).toBeNull();
  expect(whyWaiting(farm.state, jobId)).toMatchObject({
    note: 'It waits for room on the nodes.',
    waiting: [{ tasks: 2, tags: ['gpu'], nodes: [{ reasons: [{ code: 'tag' }] }, { reasons: [{ code: 'no-slot' }] }] }],
  });
});

test('an ended job waits for nothing, an unknown one is not found', () => {
  const farm = farmWith({ memoryBytes: 12 * gigabyte });
  farm.command({ type: 'cancel-job', jobId });
  expect(whyWaiting(farm.state, jobId)).toEqual({ jobId, note: 'The job is canceled.', waiting: [] });
  expect(farm.projection.snapshot().farm.jobs[0]?.waiting).toBeNull();
  expect(() => whyWaiting(farm.state, JobId.parse('J-bbbbbbbbbb'))).toThrow(FarmError);
});

test('room on disks is told with numbers, of a node and of the coordinator', () => {
  const farm = farmWith({ diskBytes: 12 * gigabyte });
  farm.join(one, 1, { disk: { roomBytes: 8 * gigabyte, low: false } });
  const text = 'needs 12 GB on the disk of a node; the one with most room has 8 GB';
  expect(waitingFor(farm.state, jobId)).toEqual({ code: 'disk', text });
  expect(whyWaiting(farm.state, jobId).waiting[0]).toMatchObject({
    diskBytes: 12 * gigabyte,
    nodes: [{ reasons: [{ code: 'disk', text: 'Its disk has 8 GB for tasks; this one needs 12 GB.' }] }],
  });
  farm.command({ type: 'note-space', low: true, volumes: [] });
  expect(whyWaiting(farm.state, jobId).note).toContain('disk is almost full');
});

test('sizes are for people', () => {
  const needed = { neededBytes: 1.44 * gigabyte, freeBytes: 0.43 * gigabyte } as const;
  expect(obstacleText({ kind: 'memory-now', ...needed })).toBe(
    '430 MB of its memory are free now; this task needs 1.4 GB.',
  );
});

test('why a node takes nothing new is named: who paused it and where, its hours, someone at the machine', () => {
  const farm = farmWith(undefined);
  farm.join(one);
  farm.command({ type: 'pause-node', nodeId: one, mode: 'now', by: 'anna' });
  const [reasons] = whyWaiting(farm.state, jobId).waiting.map(({ nodes }) => nodes[0]?.reasons);
  expect(reasons?.[0]).toEqual({ code: 'paused', text: 'It is paused by anna: it takes nothing new.' });
  expect(farm.projection.snapshot().farm.nodes[0]?.pause).toMatchObject({ mode: 'now', by: 'anna' });
  expect(obstacleText({ kind: 'paused', by: 'ben', where: 'machine' })).toContain('by ben, at the machine itself');
  expect(obstacleText({ kind: 'outside-hours', by: null, until: '2026-11-23T19:00:00.000Z' })).toContain(
    'outside its hours',
  );
  expect(obstacleText({ kind: 'in-use' })).toContain('in use by someone');
});
