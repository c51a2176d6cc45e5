import { applyPatch, FarmPatch, FarmSnapshot, followsSnapshot, type JobView, type TaskId } from '@reelmill/protocol';
import type { OrderChange } from '@reelmill/scheduler';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobIdOf, nodeIdOf, rendition, TestFarm, taskIdOf } from './testing/testFarm.ts';

const jobs = [1, 2, 3].map(jobIdOf);
const nodes = [1, 2, 3].map(nodeIdOf);
const job = fc.constantFrom(...jobs);
const node = fc.constantFrom(...nodes);

/** Any running task, chosen by a number that shrinks well. */
const running = (farm: TestFarm, pick: number): TaskId | undefined => {
  const leased = [...farm.state.tasks].filter(([, task]) => task.phase.kind === 'leased').map(([taskId]) => taskId);
  return leased.sort()[pick % Math.max(1, leased.length)];
};

type Step = (farm: TestFarm) => void;
const onTask = (act: (farm: TestFarm, taskId: TaskId) => void) =>
  fc.nat(50).map(
    (pick): Step =>
      (farm) => {
        const taskId = running(farm, pick);
        if (taskId !== undefined) act(farm, taskId);
      },
  );
const finishTask = onTask((farm, taskId) => {
  const jobId = taskId.split('/')[0] as (typeof jobs)[number];
  if (taskId === taskIdOf(jobId, 'probe')) farm.plan(jobId, 1 + (taskId.charCodeAt(11) % 5));
  else if (taskId === taskIdOf(jobId, `${rendition}/publish`)) farm.publish(jobId);
  else farm.finish(taskId);
});

const step: fc.Arbitrary<Step> = fc.oneof(
  job.map(
    (id): Step =>
      (farm) =>
        void farm.submit(id),
  ),
  node.map(
    (id): Step =>
      (farm) =>
        farm.join(id),
  ),
  node.map(
    (id): Step =>
      (farm) =>
        farm.leave(id),
  ),
  node.map(
    (id): Step =>
      (farm) =>
        farm.telemetry(id),
  ),
  node.map(
    (id): Step =>
      (farm) =>
        farm.emit({ kind: 'node-found', node: { nodeId: id, name: 'x', address: 'y' } }),
  ),
  node.map(
    (id): Step =>
      (farm) =>
        farm.emit({ kind: 'node-lost', nodeId: id }),
  ),
  node.map(
    (id): Step =>
      (farm) =>
        farm.emit({ kind: 'node-forgotten', nodeId: id }),
  ),
  { arbitrary: finishTask, weight: 8 },
  onTask((farm, taskId) => void farm.fail(taskId)),
  { arbitrary: onTask((farm, taskId) => farm.progress(taskId, { framesDone: farm.nowMs % 49 })), weight: 4 },
  job.map(
    (id): Step =>
      (farm) =>
        void farm.command({ type: 'cancel-job', jobId: id }),
  ),
  job.map(
    (id): Step =>
      (farm) =>
        void farm.command({ type: 'retry-job', jobId: id, replan: id === jobs[0] }),
  ),
  job.map(
    (id): Step =>
      (farm) =>
        void farm.command({ type: 'remove-job', jobId: id }),
  ),
  fc
    .tuple(
      job,
      fc.constantFrom<OrderChange>({ position: 'top' }, { position: 'bottom' }, { priority: 'high' }, { held: true }),
    )
    .map(
      ([id, change]): Step =>
        (farm) =>
          void farm.command({ type: 'order-job', jobId: id, change }),
    ),
  fc.option(job).map(
    (id): Step =>
      (farm) =>
        void farm.command({ type: 'pause-farm', stopAfter: id }),
  ),
  fc.constant<Step>((farm) => void farm.command({ type: 'resume-farm' })),
  fc.boolean().map(
    (lan): Step =>
      (farm) =>
        farm.projection.setLan({ lan, joinCommand: lan ? 'line' : null }),
  ),
  {
    arbitrary: fc.integer({ min: 0, max: 3_000 }).map(
      (ms): Step =>
        (farm) =>
          farm.advance(ms),
    ),
    weight: 6,
  },
  fc.constant<Step>((farm) => void farm.command({ type: 'tick' })),
);

/** What of a job's view follows from the scheduler's state alone, whatever was shown before. */
const lasting = ({ jobId, state, priority, held, waiting, attempts, chunks, outputs }: JobView) => {
  const cells = chunks.map(({ index, attempt, state: cell }) => [
    index,
    attempt,
    cell === 'uploading' ? 'encoding' : cell,
  ]);
  return { jobId, state, priority, held, waiting, attempts, cells, outputs };
};

function check(steps: Step[]): void {
  const farm = new TestFarm();
  let replica = FarmSnapshot.parse(farm.projection.snapshot());
  farm.projection.subscribe((patch) => {
    const parsed = FarmPatch.parse(patch);
    expect(parsed).toEqual(patch);
    expect(followsSnapshot(replica, parsed)).toBe(true);
    replica = { epoch: parsed.epoch, sequence: parsed.sequence, farm: applyPatch(replica.farm, parsed) };
  });
  for (const run of steps) {
    run(farm);
    const snapshot = farm.projection.snapshot();
    expect(replica).toEqual(snapshot);
    for (const one of replica.farm.jobs) expect(one.percent === 100).toBe(one.state === 'done');
  }
  farm.advance(1_500);
  expect(farm.projection.snapshot().farm.jobs.map(lasting)).toEqual(farm.freshJobs().map(lasting));
}

test('every replica that applied all patches equals the snapshot, whatever happens in the farm', () => {
  fc.assert(fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), check), { numRuns: 150 });
}, 60_000);
