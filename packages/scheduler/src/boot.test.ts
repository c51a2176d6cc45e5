import { expect, test } from 'vitest';
import { evolveAll } from './evolve.ts';
import { isDurable } from './isDurable.ts';
import { initialState } from './state.ts';
import { jobNamed, nodeId, TestFarm } from './testFarm.ts';

const one = nodeId('one');
const node = { nodeId: one, name: 'one', slots: 1, toolchainClass: 'x64', local: false };

/** The coordinator's process ends and another reads its journal; the lease clock starts at this reading. */
function restarts(farm: TestFarm, at: number) {
  farm.state = evolveAll(initialState, JSON.parse(JSON.stringify(farm.events.filter(isDurable))));
  farm.at = at;
  return farm.does({ type: 'boot' });
}

test('after a restart a node that comes back in time goes on with its chunk', () => {
  const farm = new TestFarm();
  farm.at = 5_000_000;
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  restarts(farm, 12);
  farm.passes(9_000);
  farm.does({ type: 'join-node', node, held: [{ taskId: chunk, attempt: 1 }] });
  farm.passes(9_000);
  expect(farm.holder(chunk)).toBe('node-one');
  farm.completes(chunk);
  expect(farm.attempts(chunk)).toBe(1);
});

test('after a restart the lease of a node that stays away expires after one grace period', () => {
  const farm = new TestFarm();
  farm.at = 5_000_000;
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  restarts(farm, 12);
  farm.passes(10_000);
  expect(farm.phase(chunk)).toBe('queued');
});

test('a backoff of the old clock does not outlive a restart', () => {
  const farm = new TestFarm();
  farm.at = 5_000_000;
  farm.joins('one');
  const [chunk] = farm.plannedJob('one', 1).chunks as [never];
  farm.fails(chunk);
  restarts(farm, 12);
  farm.does({ type: 'join-node', node, held: [] });
  expect(farm.holder(chunk)).toBe('node-one');
});

test('house tasks die with the coordinator and run again', () => {
  const farm = new TestFarm();
  const job = jobNamed('one', 1);
  farm.does({ type: 'submit-job', jobId: job.jobId, request: {}, tasks: [job.probe] });
  expect(restarts(farm, 12)).toEqual([{ type: 'run-house-task', taskId: job.probe.taskId, attempt: 2 }]);
  expect(farm.state.tasks.get(job.probe.taskId)).toMatchObject({ failures: 0, losses: 1 });
});

test('a house task that takes the coordinator down every time is given up', () => {
  const farm = new TestFarm();
  const job = jobNamed('one', 1);
  farm.does({ type: 'submit-job', jobId: job.jobId, request: {}, tasks: [job.probe] });
  for (let crash = 0; crash < 20; crash += 1) {
    restarts(farm, 12);
    farm.passes(16_000);
  }
  expect(farm.state.jobs.get(job.jobId)?.phase).toMatchObject({ kind: 'failed', error: { code: 'TOO_MANY_LOSSES' } });
});

test('a probe whose plan never reached the journal runs again, uncharged', () => {
  const farm = new TestFarm();
  const job = jobNamed('one', 1);
  farm.does({ type: 'submit-job', jobId: job.jobId, request: {}, tasks: [job.probe] });
  farm.completes(job.probe.taskId);
  expect(restarts(farm, 12)).toEqual([{ type: 'run-house-task', taskId: job.probe.taskId, attempt: 2 }]);
  expect(farm.state.tasks.get(job.probe.taskId)).toMatchObject({ failures: 0 });
});

test('the scratch of ended jobs is swept again, for the sweep may have been cut short', () => {
  const farm = new TestFarm();
  const { jobId } = farm.plannedJob('one', 1);
  farm.does({ type: 'cancel-job', jobId });
  expect(restarts(farm, 12)).toEqual([{ type: 'sweep-job', jobId, keepSegments: true }]);
});
