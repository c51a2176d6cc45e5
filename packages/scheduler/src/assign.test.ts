import { expect, test } from 'vitest';
import { jobNamed, nodeId, TestFarm } from './testFarm.ts';

test('within a job audio starts first, then the longest chunks', () => {
  const farm = new TestFarm();
  const job = farm.plannedJob('one', 3, { audio: true, costs: [5, 30, 10] });
  const offers = farm.joins('one', { slots: 4 });
  const [short, long, middle] = job.chunks;
  expect(offers.map((offer) => ('taskId' in offer ? offer.taskId : null))).toEqual([job.audio, long, middle, short]);
});

test('one sound task runs beside the slots of a node; more of them take slots', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const first = farm.plannedJob('first', 1, { audio: true });
  const second = farm.plannedJob('second', 1, { audio: true });
  const phases = () => [first.audio, ...first.chunks, second.audio, ...second.chunks].map((task) => farm.phase(task));
  expect(phases()).toEqual(['leased', 'leased', 'queued', 'queued']);
  farm.completes(first.chunks[0] as never);
  expect(phases()).toEqual(['leased', 'completed', 'leased', 'queued']);
  farm.completes(second.audio);
  expect(phases()).toEqual(['leased', 'completed', 'completed', 'leased']);
});

test('a later job does not slow the first one down with its sound', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const first = farm.plannedJob('first', 2);
  const second = farm.plannedJob('second', 1, { audio: true });
  expect(farm.phase(first.chunks[0] as never)).toBe('leased');
  expect(farm.phase(second.audio)).toBe('queued');
  farm.completes(first.chunks[0] as never);
  farm.passes(500);
  expect(farm.phase(second.audio)).toBe('leased');
});

test('the first job comes first; idle slots go to the next', () => {
  const farm = new TestFarm();
  const first = farm.plannedJob('first', 1);
  const second = farm.plannedJob('second', 2);
  farm.joins('one', { slots: 2 });
  expect([...first.chunks, ...second.chunks].map((chunk) => farm.phase(chunk))).toEqual(['leased', 'leased', 'queued']);
});

test('work spreads over the nodes with the most free slots', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  farm.joins('two', { slots: 2 });
  const job = farm.plannedJob('one', 4);
  // Chunks are handed out in the order 0, 2, 1, 3.
  expect(job.chunks.map((chunk) => farm.holder(chunk))).toEqual(['node-one', 'node-one', 'node-two', 'node-two']);
});

test('a chunk runs only on nodes of its toolchain class', () => {
  const farm = new TestFarm();
  farm.joins('arm', { toolchainClass: 'arm' });
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  expect(farm.phase(chunk)).toBe('queued');
  farm.joins('one');
  expect(farm.holder(chunk)).toBe('node-one');
});

test('what needs a hardware encoder waits for a node that proves it', () => {
  const farm = new TestFarm();
  farm.joins('one');
  farm.joins('two');
  const [chunk] = farm.plannedJob('one', 1, { toolchainClass: 'x64+h264_nvenc' }).chunks as [never];
  expect(farm.phase(chunk)).toBe('queued');
  farm.does({ type: 'prove-node', nodeId: nodeId('two'), hardwareClasses: ['x64+h264_nvenc'] });
  expect(farm.holder(chunk)).toBe('node-two');
});

test('a task without a class runs on any node', () => {
  const farm = new TestFarm();
  farm.joins('arm', { toolchainClass: 'arm' });
  const [chunk] = farm.plannedJob('one', 1, { toolchainClass: null }).chunks as [never];
  expect(farm.holder(chunk)).toBe('node-arm');
});

test('house tasks run beside the coordinator, no more at once than it has house slots', () => {
  const farm = new TestFarm();
  farm.houseSlots = 1;
  const jobs = [jobNamed('first', 1), jobNamed('second', 1)] as const;
  for (const job of jobs) farm.does({ type: 'submit-job', jobId: job.jobId, request: {}, tasks: [job.probe] });
  expect(jobs.map((job) => farm.phase(job.probe.taskId))).toEqual(['leased', 'queued']);
  farm.does({ type: 'plan-job', jobId: jobs[0].jobId, plan: {}, tasks: jobs[0].planned });
  farm.completes(jobs[0].probe.taskId);
  expect(farm.phase(jobs[1].probe.taskId)).toBe('leased');
});

test('a failed chunk waits for a busy node that has not failed it, rather than burn its budget on a bad one', () => {
  const farm = new TestFarm();
  farm.joins('bad');
  const [first, second] = farm.plannedJob('one', 2).chunks as [never, never];
  farm.joins('good');
  expect([farm.holder(first), farm.holder(second)]).toEqual(['node-bad', 'node-good']);
  farm.fails(first);
  const living = [nodeId('bad'), nodeId('good')];
  farm.passes(20_000, living);
  expect(farm.phase(first)).toBe('queued');
  farm.completes(second);
  expect(farm.holder(first)).toBe('node-good');
});

test('with no other node a failed chunk is tried again by the same one after its backoff', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  farm.fails(chunk);
  expect(farm.phase(chunk)).toBe('queued');
  farm.passes(1_000, [nodeId('one')]);
  expect(farm.holder(chunk)).toBe('node-one');
});

test('a lost chunk does not wait for a busy node when the one that lost it is back and free', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const [first, second] = farm.plannedJob('one', 2).chunks as [never, never];
  farm.joins('two');
  farm.passes(10_000, [nodeId('two')]);
  expect(farm.phase(first)).toBe('queued');
  farm.joins('one');
  expect([farm.holder(first), farm.holder(second)]).toEqual(['node-one', 'node-two']);
});

test('a node that failed three chunks of a job in a row gets no more of them while another node is there', () => {
  const farm = new TestFarm();
  const living = [nodeId('bad'), nodeId('good')];
  farm.joins('good');
  const job = farm.plannedJob('one', 8);
  farm.joins('bad');
  for (let failure = 0; failure < 3; failure += 1) {
    const taken = job.chunks.find((chunk) => farm.holder(chunk) === 'node-bad');
    farm.fails(taken as never);
  }
  farm.passes(10_000, living);
  expect(job.chunks.filter((chunk) => farm.holder(chunk) === 'node-bad')).toEqual([]);
  // Other jobs still trust it, and when it is alone it is better than nothing.
  const other = farm.plannedJob('two', 1);
  expect(farm.holder(other.chunks[0] as never)).toBe('node-bad');
  farm.does({ type: 'cancel-job', jobId: other.jobId });
  farm.does({ type: 'leave-node', nodeId: nodeId('good'), reason: 'bye' });
  farm.passes(6_000, [nodeId('bad')]);
  expect(job.chunks.some((chunk) => farm.holder(chunk) === 'node-bad')).toBe(true);
});
