import type { NodeId, TaskId } from '@reelmill/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eligibleNodes } from './eligibility.ts';
import { leasesOf, taskOf } from './state.ts';
import { nodeId, TestFarm } from './testFarm.ts';
import { obstaclesNow } from './waiting.ts';

const names = ['one', 'two', 'three'] as const;
const node = fc.record({
  slots: fc.integer({ min: 1, max: 4 }),
  memoryBytes: fc.integer({ min: 1, max: 16 }),
  tags: fc.subarray(['gpu', 'fast']),
});
const pin = fc.record({
  tags: fc.subarray(['gpu', 'fast'], { minLength: 1 }),
  spill: fc.constantFrom('never', 'busy'),
});
const needs = fc.record({ memoryBytes: fc.integer({ min: 1, max: 16 }), pin }, { requiredKeys: ['memoryBytes'] });
const farms = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: names.length }),
  jobs: fc.array(fc.record({ chunks: fc.integer({ min: 1, max: 6 }), needs }), { minLength: 1, maxLength: 4 }),
  /** Which of the running tasks ends next. */
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
});

/** Memory of what a node holds now: the promise of this file. */
function heldMemory(farm: TestFarm, id: NodeId): number {
  return [...leasesOf(farm.state, id)].reduce(
    (sum, [taskId, { delivering }]) => sum + (delivering ? 0 : (taskOf(farm.state, taskId).plan.memoryBytes ?? 0)),
    0,
  );
}

function checkFarm(farm: TestFarm): void {
  for (const one of farm.state.nodes.values()) {
    expect(heldMemory(farm, one.nodeId)).toBeLessThanOrEqual(one.memoryBytes ?? 0);
  }
  // Decisions and answers agree: whatever waits has something against it on every node.
  for (const task of farm.state.tasks.values()) {
    if (task.phase.kind !== 'queued' || task.plan.place !== 'farm' || task.phase.notBefore > farm.at) continue;
    for (const one of farm.state.nodes.values()) {
      expect(obstaclesNow(farm.state, task, one)).not.toEqual([]);
    }
  }
}

const runningTasks = (farm: TestFarm): TaskId[] =>
  [...farm.state.nodes.keys()].flatMap((id) => [...leasesOf(farm.state, id).keys()]).sort();

test('no node is ever asked for more memory than it has, and every job ends that some node can hold', () => {
  fc.assert(
    fc.property(farms, ({ nodes, jobs, picks }) => {
      const farm = new TestFarm();
      farm.houseSlots = 100;
      const living = nodes.map((_, at) => nodeId(names[at] as string));
      const planned = jobs.map((job, at) => farm.plannedJob('abcd'[at] as string, job.chunks, { needs: job.needs }));
      for (const [at, traits] of nodes.entries()) farm.joins(names[at] as string, traits);
      // idle for longer than it takes to spill: nothing will ever move again
      for (let [round, idle] = [0, 0]; idle < 8; round += 1) {
        checkFarm(farm);
        for (const taskId of leasesOf(farm.state, 'house').keys()) farm.completes(taskId);
        const running = runningTasks(farm);
        const next = running[(picks[round % picks.length] ?? 0) % Math.max(1, running.length)];
        idle = next === undefined ? idle + 1 : 0;
        if (next !== undefined) farm.completes(next);
        farm.passes(next === undefined ? 5_000 : 500, living);
        if ([...farm.state.jobs.values()].every(({ phase }) => phase.kind === 'done')) break;
      }
      for (const { jobId, chunks } of planned) {
        const { plan } = taskOf(farm.state, chunks[0] as TaskId);
        const possible = eligibleNodes(farm.state, farm.at, plan).length > 0;
        const isSpilling =
          plan.pin?.spill === 'busy' && nodes.some((one) => one.memoryBytes >= (plan.memoryBytes ?? 0));
        expect(farm.state.jobs.get(jobId)?.phase.kind).toBe(possible || isSpilling ? 'done' : 'active');
      }
    }),
    { numRuns: 60 },
  );
});
