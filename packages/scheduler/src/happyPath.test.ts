import { expect, test } from 'vitest';
import { jobNamed, nodeId, TestFarm } from './testFarm.ts';

test('a submitted job is probed by the house, planned, encoded by the farm, assembled, published and done', () => {
  const farm = new TestFarm();
  const job = jobNamed('one', 2, { audio: true, hash: true });
  const probing = farm.does({ type: 'submit-job', jobId: job.jobId, request: {}, tasks: [job.probe] });
  expect(probing).toEqual([{ type: 'run-house-task', taskId: job.probe.taskId, attempt: 1 }]);
  farm.does({ type: 'plan-job', jobId: job.jobId, plan: { any: 1 }, tasks: job.planned });
  expect(farm.completes(job.probe.taskId)).toEqual([{ type: 'run-house-task', taskId: job.hash, attempt: 1 }]);
  const offers = farm.joins('one');
  expect(offers).toEqual([
    { type: 'offer-task', nodeId: nodeId('one'), taskId: job.audio, attempt: 1 },
    { type: 'offer-task', nodeId: nodeId('one'), taskId: job.chunks[0], attempt: 1 },
  ]);
  farm.completes(job.audio);
  for (const chunk of job.chunks) farm.completes(chunk);
  expect(farm.phase(job.assemble)).toBe('blocked');
  expect(farm.completes(job.hash)).toEqual([{ type: 'run-house-task', taskId: job.assemble, attempt: 1 }]);
  farm.completes(job.assemble);
  expect(farm.completes(job.publish)).toEqual([{ type: 'sweep-job', jobId: job.jobId, keepSegments: false }]);
  expect(farm.state.jobs.get(job.jobId)?.phase).toEqual({ kind: 'done' });
});

test('an expired lease requeues its task elsewhere', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 1);
  const [chunk] = job.chunks;
  if (chunk === undefined) throw new Error('no chunk');
  farm.joins('two');
  expect(farm.holder(chunk)).toBe('node-one');
  const effects = farm.passes(11_000, [nodeId('two')]);
  expect(effects).toContainEqual({ type: 'cancel-lease', nodeId: nodeId('one'), taskId: chunk, attempt: 1 });
  expect(farm.holder(chunk)).toBe('node-two');
  expect(farm.attempts(chunk)).toBe(2);
});
