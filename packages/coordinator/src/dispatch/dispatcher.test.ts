import { FarmError, JobId, NodeId, TaskId } from '@reelmill/protocol';
import type { DurableEvent, Effect, TaskPlan } from '@reelmill/scheduler';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Journal } from '../journal/journal.ts';
import { createDispatcher } from './dispatcher.ts';

const jobId = JobId.parse('J-abcdefghij');
const taskId = TaskId.parse(`${jobId}/encode-0000`);
const nodeId = NodeId.parse('node-one');
const task: TaskPlan = {
  taskId,
  jobId,
  kind: 'encode',
  place: 'farm',
  dependsOn: [],
  costSeconds: 1,
  toolchainClass: 'class',
  rendition: null,
  chunkIndex: 0,
};
const node = { nodeId, name: 'one', slots: 1, toolchainClass: 'class', local: true };

/** A journal whose commits the test lets happen, or fail. */
function heldJournal(stored: DurableEvent[] = []) {
  const commits: { events: readonly DurableEvent[]; succeed(): void; fail(error: FarmError): void }[] = [];
  let notify = (): void => {};
  const journal: Pick<Journal, 'append' | 'load'> = {
    append: (events) =>
      new Promise((resolve, reject) => {
        if (events.length === 0) return resolve();
        const succeed = (): void => {
          stored.push(...events);
          resolve();
        };
        commits.push({ events, succeed, fail: reject });
        notify();
      }),
    async *load() {
      yield stored;
    },
  };
  const nextCommit = async () => {
    if (commits.length === 0) await new Promise<void>((resolve) => (notify = resolve));
    return commits.shift() as (typeof commits)[number];
  };
  return { journal, stored, nextCommit };
}

function open(journal: Pick<Journal, 'append' | 'load'>) {
  const effects: Effect[] = [];
  const told: string[] = [];
  let now = 1000;
  const dispatcher = createDispatcher({
    journal,
    limits: { houseSlots: 1 },
    logger: pino({ level: 'silent' }),
    clock: () => now,
    iso: () => '2026-01-01T00:00:00.000Z',
    onEvents: (events) => void told.push(...events.map(({ type }) => type)),
    runEffect: (effect) => effects.push(effect),
  });
  return { dispatcher, effects, told, advance: (ms: number) => (now += ms) };
}

async function bootedFarm() {
  const held = heldJournal();
  const farm = open(held.journal);
  const booting = farm.dispatcher.boot();
  (await held.nextCommit()).succeed();
  await booting;
  return { ...held, ...farm };
}

test('no effect runs before its events are durable', async () => {
  const { dispatcher, effects, nextCommit } = await bootedFarm();
  const done = Promise.all([
    dispatcher.run({ type: 'join-node', node, held: [] }),
    dispatcher.run({ type: 'submit-job', jobId, request: {}, tasks: [task] }),
  ]);
  const commit = await nextCommit();
  expect(commit.events.map((event) => event.type)).toEqual(['job-submitted', 'lease-granted']);
  expect(effects).toEqual([]);
  expect(dispatcher.state().jobs.size).toBe(0);
  commit.succeed();
  await done;
  expect(effects).toEqual([{ type: 'offer-task', nodeId, taskId, attempt: 1 }]);
});

test('a heartbeat renews a lease while the journal stalls', async () => {
  const { dispatcher, nextCommit, advance } = await bootedFarm();
  const joined = dispatcher.run({ type: 'join-node', node, held: [] });
  const submitted = dispatcher.run({ type: 'submit-job', jobId, request: {}, tasks: [task] });
  (await nextCommit()).succeed();
  await Promise.all([joined, submitted]);
  const stalled = dispatcher.run({ type: 'cancel-job', jobId: JobId.parse('J-aaaaaaaaaa') });
  const other = dispatcher.run({ type: 'submit-job', jobId: JobId.parse('J-bbbbbbbbbb'), request: {}, tasks: [] });
  const commit = await nextCommit();
  for (const _ of [1, 2, 3, 4, 5, 6]) {
    advance(2000);
    dispatcher.runVolatile({ type: 'heartbeat', nodeId, held: [{ taskId, attempt: 1 }] });
  }
  commit.succeed();
  await Promise.all([stalled, other]);
  await dispatcher.run({ type: 'tick' });
  expect(dispatcher.state().tasks.get(taskId)?.phase).toMatchObject({ kind: 'leased', lease: { attempt: 1 } });
});

test('a heartbeat is heard, but told to nobody; what the node does is told', async () => {
  const { dispatcher, told, advance } = await bootedFarm();
  await dispatcher.run({ type: 'join-node', node, held: [] });
  told.length = 0;
  advance(2_000);
  dispatcher.runVolatile({ type: 'heartbeat', nodeId, held: [] });
  await dispatcher.run({ type: 'tick' });
  expect(told).toEqual([]);
  expect(dispatcher.state().heard.get(nodeId)?.at).toBe(3_000);
  await dispatcher.run({ type: 'note-standing', nodeId, closure: null, givenBack: [] });
  expect(told).toContain('node-standing');
});

test('a full disk rejects the command and changes nothing', async () => {
  const { dispatcher, nextCommit, stored } = await bootedFarm();
  const submitted = dispatcher.run({ type: 'submit-job', jobId, request: {}, tasks: [task] });
  (await nextCommit()).fail(new FarmError('DISK_FULL'));
  await expect(submitted).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect(dispatcher.state().jobs.size).toBe(0);
  const again = dispatcher.run({ type: 'submit-job', jobId, request: {}, tasks: [task] });
  (await nextCommit()).succeed();
  expect(await again).toMatchObject({ kind: 'accepted' });
  expect(stored.map((event) => event.type)).toContain('job-submitted');
});

test('commands that wait for a commit share the next one', async () => {
  const { dispatcher, nextCommit } = await bootedFarm();
  const submit = (id: string) => dispatcher.run({ type: 'submit-job', jobId: JobId.parse(id), request: {}, tasks: [] });
  const first = submit('J-aaaaaaaaaa');
  const commit = await nextCommit();
  const others = Promise.all(['J-bbbbbbbbbb', 'J-cccccccccc', 'J-dddddddddd'].map(submit));
  commit.succeed();
  await first;
  const shared = await nextCommit();
  expect(shared.events).toHaveLength(3);
  shared.succeed();
  await others;
});

test('a restart finds the state of the journal', async () => {
  const first = await bootedFarm();
  const submitted = first.dispatcher.run({ type: 'submit-job', jobId, request: { input: 'x' }, tasks: [task] });
  (await first.nextCommit()).succeed();
  await submitted;
  const second = open(first.journal);
  const booting = second.dispatcher.boot();
  (await first.nextCommit()).succeed();
  await booting;
  expect(second.dispatcher.state().jobs.get(jobId)?.request).toEqual({ input: 'x' });
});
