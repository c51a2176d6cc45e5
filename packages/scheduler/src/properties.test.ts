import type { ErrorCode, JobPosition, JobPriority } from '@reelmill/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evolveAll } from './evolve.ts';
import { isDurable } from './isDurable.ts';
import type { TaskState } from './model.ts';
import { PersistentMap } from './persistentMap.ts';
import { durableView } from './simulation/durableView.ts';
import { initialState, taskOf } from './state.ts';
import { errorOf, jobNamed, nodeId, resultOf, TestFarm, type UntimedCommand } from './testFarm.ts';

const jobs = [jobNamed('one', 2, { audio: true }), jobNamed('two', 3, { hash: true })] as const;
const tasks = jobs.flatMap((job) => [job.probe, ...job.planned].map((plan) => plan.taskId));
const nodes = ['one', 'two', 'three'].map(nodeId);
const codes: readonly ErrorCode[] = ['ENCODE_FAILED', 'STORAGE_UNREACHABLE', 'SOURCE_CHANGED', 'DISK_FULL', 'CANCELED'];

const job = fc.constantFrom(...jobs);
const nodeOf = fc.constantFrom(...nodes);
const error = fc.constantFrom(...codes).map(errorOf);
const lease = fc.record({ taskId: fc.constantFrom(...tasks), attempt: fc.integer({ min: 1, max: 4 }) });
const outcome = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'completed' as const, result: resultOf('house') }) },
  { weight: 1, arbitrary: error.map((data) => ({ kind: 'failed' as const, error: data })) },
);

const orderChange = fc.record(
  {
    priority: fc.constantFrom<JobPriority>('urgent', 'high', 'normal', 'low'),
    held: fc.boolean(),
    queue: fc.constantFrom('review', null),
    position: fc.oneof(
      fc.constantFrom<JobPosition>('top', 'bottom'),
      job.map(({ jobId }) => ({ before: jobId })),
      job.map(({ jobId }) => ({ after: jobId })),
    ),
  },
  { requiredKeys: [] },
);

/** Anything anyone could send, current or stale, sensible or not. */
const command: fc.Arbitrary<UntimedCommand> = fc.oneof(
  job.map(({ jobId, probe }) => ({ type: 'submit-job' as const, jobId, request: null, tasks: [probe] })),
  job.map(({ jobId, planned }) => ({ type: 'plan-job' as const, jobId, plan: {}, tasks: planned })),
  fc.tuple(nodeOf, fc.array(lease)).map(([id, held]) => {
    const node = { nodeId: id, name: id, slots: 2, waitingOffers: 4, toolchainClass: 'x64', local: false };
    return { type: 'join-node' as const, node, held };
  }),
  fc.tuple(nodeOf, fc.array(lease)).map(([id, held]) => ({ type: 'heartbeat' as const, nodeId: id, held })),
  fc.tuple(nodeOf, fc.constantFrom('bye' as const, 'disconnected' as const)).map(([id, reason]) => {
    return { type: 'leave-node' as const, nodeId: id, reason };
  }),
  fc
    .tuple(nodeOf, fc.constantFrom('after-chunk' as const, 'now' as const))
    .map(([id, mode]) => ({ type: 'pause-node' as const, nodeId: id, mode, by: 'owner' })),
  nodeOf.map((id) => ({ type: 'resume-node' as const, nodeId: id })),
  fc.tuple(nodeOf, fc.boolean(), fc.array(lease)).map(([id, isClosed, givenBack]) => {
    const closure = isClosed ? { reason: 'in-use' as const, by: null, since: '', until: null } : null;
    return { type: 'note-standing' as const, nodeId: id, closure, givenBack };
  }),
  fc.tuple(nodeOf, lease).map(([id, key]) => ({ type: 'free-slot' as const, nodeId: id, ...key })),
  fc.tuple(nodeOf, lease, fc.constantFrom('start-task' as const, 'return-task' as const)).map(([id, key, type]) => {
    return { type, nodeId: id, ...key };
  }),
  fc.tuple(nodeOf, lease, error).map(([id, key, data]) => {
    return { type: 'offer-refused' as const, nodeId: id, ...key, error: data };
  }),
  fc.tuple(fc.constantFrom('house' as const, ...nodes), lease, outcome).map(([id, key, ended]) => {
    return { type: 'finish-task' as const, nodeId: id, ...key, outcome: ended };
  }),
  fc.tuple(job, orderChange).map(([{ jobId }, change]) => ({ type: 'order-job' as const, jobId, change })),
  fc.option(job).map((last) => ({ type: 'pause-farm' as const, stopAfter: last?.jobId ?? null })),
  fc.constant({ type: 'resume-farm' as const }),
  fc.tuple(lease, error).map(([key, data]) => ({ type: 'reopen-task' as const, ...key, error: data })),
  fc
    .tuple(job, fc.constantFrom('cancel-job' as const, 'retry-job' as const, 'remove-job' as const))
    .map(([{ jobId }, type]) => ({ type, jobId })),
);
const step = fc.oneof(
  { weight: 4, arbitrary: command },
  { weight: 3, arbitrary: fc.constant('finish-something' as const) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 12_000 }) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
);

function take(farm: TestFarm, action: typeof step extends fc.Arbitrary<infer T> ? T : never): void {
  if (typeof action === 'number') {
    farm.at += action;
    farm.does({ type: 'tick' });
  } else if (action === 'restart') {
    const journal = JSON.parse(JSON.stringify(farm.events.filter(isDurable)));
    expect(durableView(evolveAll(initialState, journal))).toBe(durableView(farm.state));
    farm.state = evolveAll(initialState, journal);
    farm.at %= 1000;
    farm.does({ type: 'boot' });
  } else if (action === 'finish-something') {
    const leased = [...farm.state.index.leases.values()].flatMap((leases) => [...leases.keys()])[0];
    if (leased !== undefined) farm.completes(leased);
  } else farm.tries(action);
}

test('no sequence of commands breaks an invariant, and the journal always replays to the same state', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 80 }), (actions) => {
      const farm = new TestFarm();
      farm.queues = [{ name: 'review', reserved: 1, cap: 1, priority: 'normal' }];
      farm.does({ type: 'submit-job', jobId: jobs[0].jobId, request: null, tasks: [jobs[0].probe] });
      farm.does({ type: 'plan-job', jobId: jobs[0].jobId, plan: {}, tasks: jobs[0].planned });
      farm.joins('one', { slots: 2 });
      for (const action of actions) take(farm, action);
      take(farm, 'restart');
    }),
    { numRuns: 300 },
  );
});

test('copies of late chunks never cost more than 0.3 of their job, however they end, and nothing is done twice', () => {
  const end = fc.constantFrom('first', 'copy', 'first-fails', 'copy-fails', 'refused', 'wait' as const);
  const kept: number[] = [];
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 24 }), fc.array(end, { minLength: 20, maxLength: 60 }), (chunks, ends) => {
      const farm = new TestFarm();
      for (const name of ['one', 'two', 'three']) farm.joins(name, { waitingOffers: 2 });
      const plan = farm.plannedJob('one', chunks);
      const living = nodes;
      const late = () => plan.chunks.map((id) => taskOf(farm.state, id)).find(({ phase }) => phase.kind === 'leased');
      for (const how of ends) endOne(farm, late(), how);
      farm.passes(5_000, living);
      const grants = farm.events.filter((event) => event.type === 'lease-granted' && event.backup === true);
      expect(grants.length * 10).toBeLessThanOrEqual(0.3 * 10 * chunks);
      kept.push(grants.length);
      const completed = farm.events.flatMap((event) => (event.type === 'task-completed' ? [event.taskId] : []));
      expect(new Set(completed).size).toBe(completed.length);
    }),
    { numRuns: 50 },
  );
  expect(Math.max(...kept)).toBeGreaterThan(0);
});

/** Ends one copy of a task under way, or lets time pass so that late ones are copied. */
function endOne(farm: TestFarm, task: TaskState | undefined, how: string): void {
  if (task === undefined || task.phase.kind !== 'leased' || how === 'wait') {
    farm.passes(4_000, nodes);
    return;
  }
  const { taskId } = task.plan;
  const { attempt, nodeId: holder } = how.startsWith('first')
    ? task.phase.lease
    : (task.phase.backup ?? task.phase.lease);
  const key = { nodeId: holder as (typeof nodes)[number], taskId, attempt };
  const result = { ...resultOf(holder), wallSeconds: 1 };
  if (how === 'refused') farm.tries({ type: 'offer-refused', ...key, error: errorOf('NODE_REFUSED') });
  else if (how.endsWith('fails')) {
    farm.tries({ type: 'finish-task', ...key, outcome: { kind: 'failed', error: errorOf('STORAGE_UNREACHABLE') } });
  } else farm.tries({ type: 'finish-task', ...key, outcome: { kind: 'completed', result } });
}

test('an event applied to a state leaves the state it was applied to as it was', () => {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  const before = farm.state;
  const text = durableView(before);
  farm.plannedJob('one', 3);
  expect(durableView(before)).toBe(text);
  expect(before.tasks.size).toBe(0);
});

test('a persistent map answers like a Map, and older versions stay as they were', () => {
  // FNV-1a collides on these two; the others share prefixes.
  const key = fc.oneof(fc.constantFrom('costarring', 'liquid', 'declinate', 'macallums'), fc.string({ maxLength: 3 }));
  const change = fc.tuple(key, fc.option(fc.nat(), { nil: null }));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const model = new Map<string, number>();
      let map = PersistentMap.empty<string, number>();
      const versions: [PersistentMap<string, number>, [string, number][]][] = [];
      for (const [name, value] of changes) {
        if (value === null) model.delete(name);
        else model.set(name, value);
        map = value === null ? map.delete(name) : map.set(name, value);
        versions.push([map, [...model].sort()]);
      }
      for (const [version, expected] of versions) {
        expect([...version].sort()).toEqual(expected);
        expect(version.size).toBe(expected.length);
      }
      for (const [name, value] of model) expect([map.get(name), map.has(name)]).toEqual([value, true]);
    }),
  );
});
