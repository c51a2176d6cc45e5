import { FarmError, JobId, NodeId, RenditionId, TaskId } from '@reelmill/protocol';
import type { SchedulerEvent, TaskPlan, TaskResult, TaskState } from '@reelmill/scheduler';
import { expect, test } from 'vitest';
import { HistoryBook } from './historyBook.ts';
import { jobStages } from './jobStages.ts';

const jobId = JobId.parse('J-aaaaaaaaaa');
const rendition = RenditionId.parse('h264-720p');
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
const [one, two] = [NodeId.parse('node-one'), NodeId.parse('node-two')];

const plan = (kind: TaskPlan['kind'], index: number | null): TaskPlan => ({
  taskId: TaskId.parse(`${jobId}/${kind}${index === null ? '' : `-000${index}`}`),
  jobId,
  kind,
  place: kind === 'encode' ? 'farm' : 'house',
  dependsOn: [],
  costSeconds: 1,
  toolchainClass: null,
  rendition: index === null ? null : rendition,
  chunkIndex: index,
});
const [probe, first, second] = [plan('probe', null), plan('encode', 0), plan('encode', 1)];
const result: TaskResult = {
  artifacts: [],
  report: null,
  sourceSha256: null,
  wallSeconds: 1,
  nodeId: two,
  nodeName: 'two',
};

const granted = (task: TaskPlan, attempt: number, nodeId: NodeId | 'house', second: number): SchedulerEvent => ({
  ...{ type: 'lease-granted', v: 1, taskId: task.taskId, attempt, nodeId, expiresAt: 0 },
  ...{ iso: at(second), ...(nodeId !== 'house' && { nodeName: nodeId.slice(5) }) },
});
const completed = (task: TaskPlan, attempt: number, second: number, steps: [string, number][]): SchedulerEvent =>
  ({
    ...{ type: 'task-completed', v: 1, taskId: task.taskId, attempt, result, iso: at(second) },
    steps: steps.map(([step, from]) => ({ step, at: at(from) })),
  }) as SchedulerEvent;
const lost = new FarmError('LEASE_LOST').toData();

const events: SchedulerEvent[] = [
  { type: 'job-submitted', v: 1, jobId, request: null, tasks: [probe], iso: at(0) },
  granted(probe, 1, 'house', 1),
  completed(probe, 1, 3, [
    ['probe', 1],
    ['index', 2],
  ]),
  { type: 'job-planned', v: 1, jobId, plan: null, tasks: [first, second] },
  granted(first, 1, one, 4),
  granted(second, 1, two, 4),
  {
    ...{ type: 'lease-lost', v: 1, taskId: first.taskId, attempt: 1, nodeId: one, reason: 'disconnected', error: lost },
    ...{ avoidNode: true, notBefore: 0, iso: at(6), steps: [{ step: 'encode', at: at(4) }] },
  },
  granted(first, 2, two, 7),
  completed(first, 2, 11, [
    ['encode', 7],
    ['upload', 10],
  ]),
];

function bookOf(told: readonly SchedulerEvent[]): HistoryBook {
  const book = new HistoryBook(() => false);
  for (const event of told) book.apply(event);
  return book;
}

test('every attempt is kept with its node, its times, its end and its cause', () => {
  const attempts = bookOf(events).attempts();
  expect(
    attempts.map(({ taskId, attempt, state, nodeId, grantedAt, endedAt }) => ({
      taskId,
      attempt,
      state,
      nodeId,
      grantedAt,
      endedAt,
    })),
  ).toEqual([
    { taskId: probe.taskId, attempt: 1, state: 'completed', nodeId: 'house', grantedAt: at(1), endedAt: at(3) },
    { taskId: first.taskId, attempt: 1, state: 'lost', nodeId: one, grantedAt: at(4), endedAt: at(6) },
    { taskId: second.taskId, attempt: 1, state: 'running', nodeId: two, grantedAt: at(4), endedAt: null },
    { taskId: first.taskId, attempt: 2, state: 'completed', nodeId: two, grantedAt: at(7), endedAt: at(11) },
  ]);
  expect(attempts[1]).toMatchObject({ reason: 'disconnected', nodeName: 'one', error: { code: 'LEASE_LOST' } });
  expect(attempts[3]?.steps).toEqual([
    { step: 'encode', at: at(7) },
    { step: 'upload', at: at(10) },
  ]);
});

test('what is told twice, by the journal and live, counts once', () => {
  expect(bookOf([...events, ...events.slice(4)]).attempts()).toEqual(bookOf(events).attempts());
});

test('copies that were slower, and whatever ran when the job ended, are stopped and not failed', () => {
  const book = bookOf([...events, granted(second, 2, one, 12), completed(second, 1, 13, [])]);
  expect(book.find(second.taskId, 2)).toMatchObject({ state: 'stopped', endedAt: at(13) });
  const ended = bookOf([...events, { type: 'job-canceled', v: 1, jobId, iso: at(20) }]);
  expect(ended.find(second.taskId, 1)).toMatchObject({ state: 'stopped', endedAt: at(20) });
});

test('events of older journals have no times: the attempts are there all the same', () => {
  const bare = events.map((event) => {
    const { iso: _, steps: __, ...rest } = event as { iso?: string; steps?: unknown };
    return rest as SchedulerEvent;
  });
  expect(bookOf(bare).attempts()).toHaveLength(4);
  expect(bookOf(bare).attempts()[3]).toMatchObject({ state: 'completed', grantedAt: null, endedAt: null, steps: [] });
});

test('the stages of a job have counts, and times from the attempts', () => {
  const phases: TaskState['phase'][] = [
    { kind: 'completed', attempt: 1, result },
    { kind: 'completed', attempt: 2, result },
    { kind: 'queued', notBefore: 0 },
  ];
  const tasks = [probe, first, second].map((task, index) => ({ plan: task, phase: phases[index] }) as TaskState);
  const stages = jobStages(tasks, bookOf(events).attempts());
  const brief = stages.map(({ stage, state, done, total, startedAt, endedAt }) => [
    stage,
    state,
    `${done}/${total}`,
    startedAt,
    endedAt,
  ]);
  expect(brief).toEqual([
    ['probe', 'done', '1/1', at(1), at(2)],
    ['index', 'done', '1/1', at(2), at(3)],
    ['encode', 'running', '1/2', at(4), null],
    ['upload', 'running', '1/2', at(10), null],
    ['verify', 'running', '1/2', at(11), null],
  ]);
});
