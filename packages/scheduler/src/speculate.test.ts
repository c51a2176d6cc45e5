import type { TaskId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { evolveAll } from './evolve.ts';
import { isDurable } from './isDurable.ts';
import { revokedLeases } from './leases.ts';
import { durableView } from './simulation/durableView.ts';
import { initialState, leasesOf, taskOf } from './state.ts';
import { errorOf, jobNamed, nodeId, resultOf, TestFarm } from './testFarm.ts';

const slow = nodeId('slow');
const fast = nodeId('fast');
const both = [slow, fast];

/** All chunks but one are done, in one second each; the last one is on `slow`, and `fast` is idle. */
function farmWithLateChunk(chunks = 10) {
  const farm = new TestFarm();
  farm.joins('slow');
  const job = farm.plannedJob('one', chunks);
  const last = job.chunks.find((chunk) => farm.holder(chunk) === slow) as TaskId;
  farm.joins('fast');
  for (let done = 1; done < chunks; done += 1) {
    const next = [...leasesOf(farm.state, fast).keys()][0] as TaskId;
    farm.completes(next);
  }
  return { farm, job, last };
}

const backupOf = (farm: TestFarm, taskId: TaskId): string | null => {
  const { phase } = taskOf(farm.state, taskId);
  return phase.kind === 'leased' ? (phase.backup?.nodeId ?? null) : null;
};
const ends = (farm: TestFarm, taskId: TaskId, by: { nodeId: typeof slow; attempt: number }) =>
  farm.tries({ type: 'finish-task', taskId, ...by, outcome: { kind: 'completed', result: resultOf(by.nodeId) } });

test('the last chunk gets a second copy once it takes 1.5 times as long as usual, not before', () => {
  const { farm, last } = farmWithLateChunk();
  farm.passes(1_000, both);
  expect(backupOf(farm, last)).toBeNull();
  const effects = farm.passes(1_000, both);
  expect(effects).toContainEqual({ type: 'offer-task', nodeId: fast, taskId: last, attempt: 2 });
  expect([farm.holder(last), backupOf(farm, last)]).toEqual([slow, fast]);
});

test('a result that does not arrive gets its chunk a second copy after ten seconds without a byte, one that moves does not', () => {
  const { farm, last } = farmWithLateChunk();
  const moves = () => farm.does({ type: 'free-slot', nodeId: slow, taskId: last, attempt: 1 });
  moves();
  for (let seconds = 0; seconds < 20; seconds += 2) {
    farm.passes(2_000, both);
    moves();
  }
  expect(backupOf(farm, last)).toBeNull();
  farm.passes(9_000, both);
  expect(backupOf(farm, last)).toBeNull();
  farm.passes(1_000, both);
  expect(backupOf(farm, last)).toBe(fast);
  // Whichever arrives first counts.
  farm.completes(last);
  expect(farm.phase(last)).toBe('completed');
});

test('the first result counts, the other copy is stopped and its late result is refused', () => {
  const { farm, last, job } = farmWithLateChunk();
  farm.passes(2_000, both);
  const won = ends(farm, last, { nodeId: fast, attempt: 2 });
  expect(won).toMatchObject({ kind: 'accepted' });
  expect(won.kind === 'accepted' && won.effects).toContainEqual({
    ...{ type: 'cancel-lease', nodeId: slow },
    ...{ taskId: last, attempt: 1 },
  });
  expect(ends(farm, last, { nodeId: slow, attempt: 1 })).toEqual({ kind: 'rejected', reason: 'stale' });
  expect(taskOf(farm.state, last).phase).toMatchObject({ kind: 'completed', attempt: 2, result: { nodeId: fast } });
  expect(farm.phase(job.assemble)).toBe('leased');
});

test('the first copy may still win', () => {
  const { farm, last } = farmWithLateChunk();
  farm.passes(2_000, both);
  const effects = farm.completes(last);
  expect(effects).toContainEqual({ type: 'cancel-lease', nodeId: fast, taskId: last, attempt: 2 });
  expect(revokedLeases(farm.state, fast, [{ taskId: last, attempt: 2 }])).toHaveLength(1);
});

test('a copy that fails leaves the task to the other one, whatever its budget', () => {
  const { farm, last } = farmWithLateChunk();
  farm.passes(2_000, both);
  farm.fails(last);
  expect([farm.phase(last), farm.holder(last), backupOf(farm, last)]).toEqual(['leased', fast, null]);
  expect(taskOf(farm.state, last).failures).toBe(1);
  expect(ends(farm, last, { nodeId: fast, attempt: 2 })).toMatchObject({ kind: 'accepted' });
});

test('a copy that fails, and then the other one lost: the task rests as after the failure', () => {
  const { farm, last } = farmWithLateChunk();
  farm.passes(2_000, both);
  farm.fails(last);
  const leased = taskOf(farm.state, last).phase;
  const restsUntil = leased.kind === 'leased' ? (leased.restsUntil ?? 0) : 0;
  expect(restsUntil).toBeGreaterThan(farm.state.clock);
  farm.does({ type: 'leave-node', nodeId: fast, reason: 'bye' });
  expect(taskOf(farm.state, last).phase).toEqual({ kind: 'queued', notBefore: restsUntil });
  farm.does({ type: 'boot' });
  expect(taskOf(farm.state, last).phase).toMatchObject({ kind: 'queued', notBefore: farm.state.clock });
});

test('the third failure of a task ends its job only when no other copy runs', () => {
  const { farm, last } = farmWithLateChunk();
  farm.passes(2_000, both);
  farm.fails(last);
  farm.does({ type: 'leave-node', nodeId: slow, reason: 'bye' });
  farm.fails(last);
  farm.passes(2_000, [fast]);
  expect(farm.holder(last)).toBe(fast);
  farm.fails(last);
  expect(farm.phase(last)).toBe('failed');
});

test('a copy whose node dies is lost alone', () => {
  const { farm, last } = farmWithLateChunk();
  farm.passes(2_000, both);
  farm.passes(11_000, [fast]);
  expect([farm.holder(last), backupOf(farm, last)]).toEqual([fast, null]);
  expect(taskOf(farm.state, last)).toMatchObject({ losses: 1, attempts: 2 });
});

test('a cancelled job stops both copies', () => {
  const { farm, job, last } = farmWithLateChunk();
  farm.passes(2_000, both);
  const effects = farm.does({ type: 'cancel-job', jobId: job.jobId });
  for (const [id, attempt] of [[slow, 1] as const, [fast, 2] as const]) {
    expect(effects).toContainEqual({ type: 'cancel-lease', nodeId: id, taskId: last, attempt });
  }
});

test('nothing is copied while more than the last tenth of the chunks is under way', () => {
  const farm = new TestFarm();
  farm.joins('slow', { slots: 2 });
  const job = farm.plannedJob('one', 10);
  farm.joins('fast');
  for (let done = 0; done < 8; done += 1) farm.completes([...leasesOf(farm.state, fast).keys()][0] as TaskId);
  farm.passes(5_000, both);
  expect(job.chunks.every((chunk) => backupOf(farm, chunk) === null)).toBe(true);
  farm.completes([...leasesOf(farm.state, slow).keys()][0] as TaskId);
  farm.passes(1_000, both);
  expect(job.chunks.filter((chunk) => backupOf(farm, chunk) === fast)).toHaveLength(1);
});

test('copies of a job cost at most 0.3 of its chunks: three chunks are too few for one', () => {
  const { farm, last } = farmWithLateChunk(3);
  farm.passes(60_000, both);
  expect(backupOf(farm, last)).toBeNull();
  const larger = farmWithLateChunk(4);
  larger.farm.passes(2_000, both);
  expect(backupOf(larger.farm, larger.last)).toBe(fast);
  // Lost again and again, it is not copied for ever.
  for (let round = 0; round < 3; round += 1) {
    const { phase } = taskOf(larger.farm.state, larger.last);
    const attempt = phase.kind === 'leased' ? phase.backup?.attempt : undefined;
    if (attempt === undefined) break;
    const error = errorOf('NODE_REFUSED');
    larger.farm.does({ type: 'offer-refused', nodeId: fast, taskId: larger.last, attempt, error });
    larger.farm.passes(30_000, both);
  }
  expect(taskOf(larger.farm.state, larger.last).attempts).toBe(2);
});

test('a node that is known to be slow gets no copy, nor one that failed the chunk', () => {
  const { farm, last } = farmWithLateChunk();
  farm.does({ type: 'leave-node', nodeId: fast, reason: 'bye' });
  const other = farm.plannedJob('other', 1);
  farm.joins('snail');
  farm.completes(other.chunks[0] as TaskId, 500);
  farm.passes(2_000, [slow, nodeId('snail')]);
  expect(backupOf(farm, last)).toBeNull();
});

test('a copy keeps to the cap of its queue: the one under way takes its only slot', () => {
  const { farm, last, job } = farmWithLateChunk();
  farm.queues = [{ name: 'narrow', reserved: 0, cap: 1, priority: 'normal' }];
  farm.does({ type: 'order-job', jobId: job.jobId, change: { queue: 'narrow' } });
  farm.passes(3_000, both);
  expect(backupOf(farm, last)).toBeNull();
  farm.does({ type: 'order-job', jobId: job.jobId, change: { queue: null } });
  farm.passes(1_000, both);
  expect(backupOf(farm, last)).toBe(fast);
});

test('a job behind the stop marker gets no copies', () => {
  const { farm, last } = farmWithLateChunk();
  const first = jobNamed('two', 1);
  farm.does({ type: 'submit-job', jobId: first.jobId, request: {}, tasks: [first.probe] });
  farm.does({ type: 'order-job', jobId: first.jobId, change: { position: 'top' } });
  farm.does({ type: 'pause-farm', stopAfter: first.jobId });
  farm.passes(3_000, both);
  expect(backupOf(farm, last)).toBeNull();
  farm.does({ type: 'resume-farm' });
  farm.passes(1_000, both);
  expect(backupOf(farm, last)).toBe(fast);
});

test('both copies survive a restart of the coordinator', () => {
  const { farm, last } = farmWithLateChunk();
  farm.passes(2_000, both);
  const journal = JSON.parse(JSON.stringify(farm.events.filter(isDurable)));
  expect(durableView(evolveAll(initialState, journal))).toBe(durableView(farm.state));
  farm.state = evolveAll(initialState, journal);
  farm.does({ type: 'boot' });
  expect([farm.holder(last), backupOf(farm, last)]).toEqual([slow, fast]);
  expect(ends(farm, last, { nodeId: slow, attempt: 1 })).toMatchObject({ kind: 'accepted' });
});
