import type { NodeId, TaskId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { evolveAll } from './evolve.ts';
import { isDurable } from './isDurable.ts';
import { initialState } from './state.ts';
import { errorOf, nodeId, TestFarm, type TestJob } from './testFarm.ts';
import { isQuarantined } from './trust.ts';

const [one, two] = [nodeId('one'), nodeId('two')];
const living = [one, two];

/** Node one does this chunk badly, node two does it well. */
function failsVerification(farm: TestFarm, chunk: TaskId): void {
  for (let round = 0; farm.phase(chunk) !== 'completed' && round < 20; round += 1) {
    if (farm.holder(chunk) === one) farm.fails(chunk, 'FRAME_COUNT');
    else if (farm.holder(chunk) === two) farm.completes(chunk);
    else farm.passes(1_000, living);
  }
}

/** Every chunk is tried by node one first: node two is busy with nothing, but has fewer slots. */
function farmWithBadNode(): { farm: TestFarm; job: TestJob } {
  const farm = new TestFarm();
  farm.joins('one', { slots: 8 });
  farm.joins('two', { slots: 1 });
  return { farm, job: farm.plannedJob('one', 4) };
}

const leasesOn = (farm: TestFarm, holder: NodeId): number => farm.held(holder).length;

test('a node whose bad results others did well gets no work any more, also after a restart, until it is released', () => {
  const { farm, job } = farmWithBadNode();
  const seen: number[] = [];
  for (const chunk of job.chunks.slice(0, 3)) {
    failsVerification(farm, chunk);
    seen.push(farm.state.trust.get(one)?.badResults.length ?? 0);
  }
  expect(seen).toEqual([1, 2, 3]);
  expect(isQuarantined(farm.state, one)).toBe(true);
  expect(farm.state.trust.get(one)?.quarantine?.error).toMatchObject({
    code: 'NODE_QUARANTINED',
    details: { tasks: job.chunks.slice(0, 3) },
  });
  farm.passes(20_000, living);
  expect(leasesOn(farm, one)).toBe(0);

  farm.state = evolveAll(initialState, farm.events.filter(isDurable));
  farm.does({ type: 'boot' });
  farm.joins('one', { slots: 8 });
  expect(isQuarantined(farm.state, one)).toBe(true);
  expect(leasesOn(farm, one)).toBe(0);
  farm.does({ type: 'release-node', nodeId: one });
  farm.passes(20_000, [one]);
  expect(leasesOn(farm, one)).toBeGreaterThan(0);
});

test('a damaged source, which every node fails, puts nobody under quarantine', () => {
  const { farm, job } = farmWithBadNode();
  const [chunk] = job.chunks as [TaskId];
  for (let round = 0; farm.phase(chunk) !== 'failed' && round < 60; round += 1) {
    if (farm.holder(chunk) === null) farm.passes(1_000, living);
    else farm.fails(chunk, 'FRAME_COUNT');
  }
  expect(farm.state.jobs.get(job.jobId)?.phase.kind).toBe('failed');
  expect([...farm.state.trust.keys()]).toEqual([]);
});

test('what the store spoiled counts as a loss, not as a failure', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 1);
  const [chunk] = job.chunks as [TaskId];
  for (let round = 0; round < 4; round += 1) {
    farm.completes(chunk);
    const attempt = farm.attempts(chunk);
    farm.does({ type: 'reopen-task', taskId: chunk, attempt, error: errorOf('STORAGE_CORRUPT') });
  }
  expect(farm.state.tasks.get(chunk)).toMatchObject({ failures: 0, losses: 4 });
  expect(farm.state.trust.size).toBe(0);
});

test('a retry elsewhere waits for another node, and takes the avoided one only when it is alone', () => {
  const farm = new TestFarm();
  farm.joins('one');
  farm.joins('two');
  const job = farm.plannedJob('one', 2);
  const [first] = job.chunks as [TaskId];
  farm.does({ type: 'cancel-job', jobId: job.jobId });
  farm.does({ type: 'retry-job', jobId: job.jobId, avoid: { taskId: first, nodeIds: [one] } });
  expect(farm.holder(first)).toBe('node-two');
  farm.does({ type: 'leave-node', nodeId: two, reason: 'bye' });
  farm.passes(10_000, [one]);
  expect(farm.holder(first) ?? farm.phase(first)).not.toBe('node-two');
});

test('a job given up is no dead letter any more; its retry starts from the plan', () => {
  const farm = new TestFarm();
  farm.joins('one');
  const job = farm.plannedJob('one', 1);
  const [chunk] = job.chunks as [TaskId];
  expect(farm.tries({ type: 'give-up-job', jobId: job.jobId })).toMatchObject({ reason: 'job-state' });
  farm.fails(chunk, 'AUTO_SCALER');
  expect(farm.does({ type: 'give-up-job', jobId: job.jobId })).toContainEqual({
    type: 'sweep-job',
    jobId: job.jobId,
    keepSegments: false,
  });
  expect(farm.state.jobs.get(job.jobId)?.givenUp).toBe(true);
  farm.does({ type: 'retry-job', jobId: job.jobId });
  expect(farm.state.jobs.get(job.jobId)).toMatchObject({ plan: null, phase: { kind: 'active' } });
  expect(farm.state.jobs.get(job.jobId)?.givenUp).toBeUndefined();
});
