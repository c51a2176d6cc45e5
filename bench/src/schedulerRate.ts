import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDispatcher, type Dispatcher, openJournal } from '@reelmill/coordinator';
import { JobId, NodeId, TaskId, timing } from '@reelmill/protocol';
import { type Effect, leasesOf, type TaskPlan, type TaskResult } from '@reelmill/scheduler';
import { pino } from 'pino';

export interface Load {
  readonly jobs: number;
  readonly tasksPerJob: number;
  readonly nodes: number;
  readonly slots: number;
}

const letters = (value: number): string =>
  [...String(value).padStart(6, '0')].map((digit) => 'abcdefghij'[Number(digit)]).join('');

const planOf = (jobId: JobId, name: string, kind: 'probe' | 'encode'): TaskPlan => ({
  taskId: TaskId.parse(`${jobId}/${name}`),
  jobId,
  kind,
  place: kind === 'probe' ? 'house' : 'farm',
  dependsOn: [],
  costSeconds: 1,
  toolchainClass: kind === 'probe' ? null : 'bench',
  rendition: null,
  chunkIndex: null,
});

const nothing = (nodeId: NodeId | 'house'): TaskResult => ({
  artifacts: [],
  report: null,
  sourceSha256: null,
  wallSeconds: 0,
  nodeId,
  nodeName: nodeId,
});

/**
 * Seconds that the real dispatcher over the real journal (SQLite, a sync to disk before any answer) takes from the first
 * submission to the end of the last job, where every task is done the moment it is offered. No network: what is
 * measured is deciding, making durable and answering.
 */
export async function schedulerSeconds(load: Load): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  const journal = openJournal({ path: join(folder, 'journal.sqlite') });
  try {
    let jobsDone = 0;
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const dispatcher: Dispatcher = createDispatcher({
      journal,
      limits: { houseSlots: 1 },
      logger: pino({ level: 'error' }),
      clock: () => performance.now(),
      iso: () => new Date().toISOString(),
      onEvents(events) {
        for (const { type } of events) if (type === 'job-done') jobsDone += 1;
        if (jobsDone === load.jobs) finish();
      },
      runEffect: (effect) => void run(effect, { dispatcher: () => dispatcher, load }),
    });
    await dispatcher.boot();
    for (let index = 0; index < load.nodes; index += 1) {
      const name = letters(index);
      const node = {
        nodeId: NodeId.parse(`n-${name}`),
        name,
        slots: load.slots,
        toolchainClass: 'bench',
        local: false,
      };
      await dispatcher.run({ type: 'join-node', node, held: [] });
    }
    const pulse = setInterval(() => beat(dispatcher), timing.heartbeatIntervalMs);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: load.jobs }, (_, index) => submit(dispatcher, index)));
    await finished;
    const seconds = (performance.now() - startedAt) / 1000;
    clearInterval(pulse);
    await dispatcher.close();
    return seconds;
  } finally {
    await journal.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nodes that are not heard of get no work. */
function beat(dispatcher: Dispatcher): void {
  const state = dispatcher.state();
  for (const nodeId of state.nodes.keys()) {
    const held = [...leasesOf(state, nodeId)].map(([taskId, { attempt }]) => ({ taskId, attempt }));
    dispatcher.runVolatile({ type: 'heartbeat', nodeId, held });
  }
}

const submit = (dispatcher: Dispatcher, index: number) => {
  const jobId = JobId.parse(`J-${letters(index).padStart(10, 'a')}`);
  return dispatcher.run({ type: 'submit-job', jobId, request: {}, tasks: [planOf(jobId, 'probe', 'probe')] });
};

/** A probe plans its job; everything else is done at once. */
async function run(effect: Effect, { dispatcher, load }: { dispatcher: () => Dispatcher; load: Load }): Promise<void> {
  if (effect.type !== 'run-house-task' && effect.type !== 'offer-task') return;
  const { taskId, attempt } = effect;
  const nodeId = effect.type === 'offer-task' ? effect.nodeId : 'house';
  const end = dispatcher();
  const jobId = JobId.parse(taskId.slice(0, taskId.indexOf('/')));
  if (nodeId === 'house') {
    const tasks = Array.from({ length: load.tasksPerJob }, (_, index) => planOf(jobId, `encode-${index}`, 'encode'));
    void end.run({ type: 'plan-job', jobId, plan: {}, tasks });
  }
  const outcome = { kind: 'completed', result: nothing(nodeId) } as const;
  await end.run({ type: 'finish-task', nodeId, taskId, attempt, outcome });
}
