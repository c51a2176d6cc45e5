import type { JobId, JobPriority, TaskId } from '@reelmill/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from './decide.ts';
import { evolveAll } from './evolve.ts';
import type { SubmittedOrder } from './jobOrder.ts';
import type { SchedulerState } from './model.ts';
import { agingMs, turnIntervalMs } from './overdue.ts';
import { initialState, leasesOf } from './state.ts';
import { jobNamed, letters, nodeId, resultOf, type TestJob, type UntimedCommand } from './testFarm.ts';

const node = nodeId('one');
/** One node whose chunks take the given seconds, one after the other; a job's wait ends with its first grant. */
class BusyFarm {
  state: SchedulerState = initialState;
  at = 0;
  private jobs = 0;
  private readonly slots: number;
  private readonly seconds: readonly number[];
  private readonly endsAt = new Map<TaskId, number>();
  readonly firstGrantAt = new Map<JobId, number>();

  constructor(slots: number, seconds: readonly number[]) {
    this.slots = slots;
    this.seconds = seconds;
    this.does({
      type: 'join-node',
      node: { nodeId: node, name: 'one', slots, toolchainClass: 'x64', local: false },
      held: [],
    });
  }

  does(command: UntimedCommand): void {
    const timed = { ...command, at: this.at, iso: '' } as Parameters<typeof decide>[1];
    const decision = decide(this.state, timed, { houseSlots: 1_000 });
    if (decision.kind === 'rejected') throw new Error(`${command.type}: ${decision.reason}`);
    this.state = evolveAll(this.state, decision.events);
    for (const event of decision.events) {
      if (event.type !== 'lease-granted' || event.nodeId === 'house') continue;
      const seconds = this.seconds[this.endsAt.size % this.seconds.length] ?? 1;
      this.endsAt.set(event.taskId, this.at + 1000 * seconds);
      const { jobId } = this.state.tasks.get(event.taskId)?.plan ?? {};
      if (jobId !== undefined && !this.firstGrantAt.has(jobId)) this.firstGrantAt.set(jobId, this.at);
    }
  }

  submit(chunks: number, order: SubmittedOrder, costs: readonly number[] = [10]): TestJob {
    this.jobs += 1;
    const job = jobNamed(`x${letters(this.jobs)}`, chunks, { costs });
    const tasks = job.planned.map((plan) => ({ ...plan, dependsOn: plan.place === 'farm' ? [] : plan.dependsOn }));
    this.does({ type: 'submit-job', jobId: job.jobId, request: {}, tasks, order });
    this.does({ type: 'plan-job', jobId: job.jobId, plan: {}, tasks: [] });
    return job;
  }

  /** Until the chunk that ends next has ended. */
  goOn(): void {
    const held = [...leasesOf(this.state, node)].map(([taskId, { attempt }]) => ({ taskId, attempt }));
    const [next] = held.map(({ taskId }) => taskId).sort((a, b) => this.endOf(a) - this.endOf(b));
    if (next === undefined) throw new Error('nothing runs');
    this.at = this.endOf(next);
    this.does({ type: 'heartbeat', nodeId: node, held });
    this.finish(next);
  }

  private endOf(taskId: TaskId): number {
    return this.endsAt.get(taskId) ?? 0;
  }

  private finish(taskId: TaskId): void {
    const phase = this.state.tasks.get(taskId)?.phase;
    if (phase?.kind !== 'leased') throw new Error(`${taskId} is ${phase?.kind}`);
    const { nodeId: holder, attempt } = phase.lease;
    const outcome = { kind: 'completed' as const, result: resultOf(holder) };
    this.does({ type: 'finish-task', nodeId: holder, taskId, attempt, outcome });
  }

  /** The bound of `overdue.ts` for that many jobs waiting. */
  boundMs(waiting: number): number {
    return agingMs + waiting * turnIntervalMs(this.slots) + 1000 * Math.max(...this.seconds);
  }
}

const waitingJob = fc.record({
  priority: fc.constantFrom<JobPriority>('high', 'normal', 'low'),
  submitter: fc.constantFrom('bea', 'cem', 'owner'),
  chunks: fc.integer({ min: 1, max: 60 }),
});

test('under a constant stream of urgent and high work each job gets a slot within the bound', () => {
  const situation = fc.record({
    slots: fc.constantFrom(1, 2, 7, 16, 24),
    seconds: fc.array(fc.integer({ min: 20, max: 90 }), { minLength: 1, maxLength: 5 }),
    waiting: fc.array(waitingJob, { minLength: 1, maxLength: 6 }),
  });
  fc.assert(
    fc.property(situation, ({ slots, seconds, waiting }) => {
      const farm = new BusyFarm(slots, seconds);
      const busy = () => farm.submit(slots + 2, { priority: 'urgent', submitter: 'stream' });
      busy();
      const jobs = waiting.map(({ chunks, ...order }) => farm.submit(chunks, order));
      const startedAt = farm.at;
      const bound = farm.boundMs(jobs.length);
      for (let turn = 0; farm.at < startedAt + bound; turn += 1) {
        // there is always more urgent work than slots, and ever more that is high
        const queued = farm.state.index.order.farm.lanes.get('urgent  stream')?.jobs.length ?? 0;
        if (queued < 2) busy();
        if (turn % (4 * slots) === 0) farm.submit(3, { priority: 'high', submitter: 'stream' });
        farm.goOn();
      }
      for (const { jobId } of jobs) expect(farm.firstGrantAt.get(jobId)).toBeLessThanOrEqual(startedAt + bound);
    }),
    { numRuns: 25 },
  );
}, 120_000);

test('urgent work keeps nearly all slots while overdue jobs are let in', () => {
  const farm = new BusyFarm(8, [30]);
  farm.submit(3_000, { priority: 'urgent' });
  for (let index = 0; index < 20; index += 1) farm.submit(50, { priority: 'low' });
  let grants = 0;
  let low = 0;
  const before = new Set<TaskId>();
  while (farm.at < 60 * 60_000) {
    farm.goOn();
    for (const taskId of leasesOf(farm.state, node).keys()) {
      if (before.has(taskId)) continue;
      before.add(taskId);
      grants += 1;
      const { jobId } = farm.state.tasks.get(taskId)?.plan ?? {};
      if (jobId !== undefined && farm.state.jobs.get(jobId)?.order.priority === 'low') low += 1;
    }
  }
  expect(low).toBeGreaterThanOrEqual(11);
  expect(low / grants).toBeLessThan(1 / 8);
});

test('submitters with work to do never differ by more than one chunk each in what they received', () => {
  const costs = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });
  const situation = fc.record({
    slots: fc.integer({ min: 1, max: 9 }),
    seconds: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
    submitters: fc.array(costs, { minLength: 2, maxLength: 4 }),
  });
  fc.assert(
    fc.property(situation, ({ slots, seconds, submitters }) => {
      const farm = new BusyFarm(slots, seconds);
      farm.does({ type: 'pause-farm', stopAfter: null });
      for (const [index, costs] of submitters.entries()) farm.submit(200, { submitter: `s${index}` }, costs);
      farm.does({ type: 'resume-farm' });
      for (let chunk = 0; chunk < 100; chunk += 1) {
        const received = [...farm.state.index.order.farm.service.values()];
        expect(Math.max(...received) - Math.min(...received)).toBeLessThanOrEqual(Math.max(...submitters.flat()));
        farm.goOn();
      }
    }),
    { numRuns: 30 },
  );
});
