import { expect, test } from 'vitest';
import { returningBytes, spaceShortageOf } from './space.ts';
import { nodeId, TestFarm, type TestJob } from './testFarm.ts';

const volume = 'disk';
const measured = (farm: TestFarm, freeBytes: number, low = false) =>
  farm.does({ type: 'note-space', low, volumes: [{ volume, freeBytes }] });

/** A farm of one node with two slots; jobs of one chunk that fill `scratch` and `output` bytes. */
function farmWithRoom(freeBytes: number): TestFarm {
  const farm = new TestFarm();
  farm.joins('one', { slots: 2 });
  measured(farm, freeBytes);
  return farm;
}
const job = (
  farm: TestFarm,
  name: string,
  [scratchBytes, outputBytes]: readonly [number, number],
  chunks = 1,
): TestJob => farm.plannedJob(name, chunks, { space: [{ volume, scratchBytes, outputBytes }] });

function finish(farm: TestFarm, { chunks, assemble, publish }: TestJob): void {
  for (const taskId of [...chunks, assemble, publish]) farm.completes(taskId);
}

test('a job gets its first chunk only when scratch and output of all that have begun leave room for it', () => {
  const farm = farmWithRoom(100);
  const first = job(farm, 'first', [30, 30]);
  const second = job(farm, 'second', [30, 30]);
  expect([farm.holder(first.chunks[0] as never), farm.holder(second.chunks[0] as never)]).toEqual([
    nodeId('one'),
    null,
  ]);
  expect(spaceShortageOf(farm.state, second.jobId)).toEqual({ volume, neededBytes: 60, freeBytes: 40 });
  finish(farm, first);
  // the output of the first stays
  measured(farm, 70);
  expect(farm.holder(second.chunks[0] as never)).toBe(nodeId('one'));
});

test('room that will come is kept for the job that waits for it; one that never fits holds nobody up', () => {
  const farm = farmWithRoom(100);
  const first = job(farm, 'first', [60, 20]);
  const large = job(farm, 'large', [70, 0]);
  const small = job(farm, 'small', [10, 0]);
  measured(farm, 100);
  const waits = () => [first, large, small].map(({ jobId }) => spaceShortageOf(farm.state, jobId) !== null);
  expect(waits()).toEqual([false, true, true]);
  measured(farm, 50);
  expect(waits()).toEqual([false, true, true]);
  const huge = farmWithRoom(100);
  job(huge, 'first', [60, 20]);
  const never = job(huge, 'never', [500, 0]);
  const fits = job(huge, 'fits', [10, 0]);
  measured(huge, 100);
  expect([never, fits].map(({ jobId }) => spaceShortageOf(huge.state, jobId) !== null)).toEqual([true, false]);
});

test('what is made already is not promised a second time', () => {
  const farm = farmWithRoom(100);
  const first = job(farm, 'first', [40, 40], 4);
  farm.completes(first.chunks[0] as never);
  farm.completes(first.chunks[1] as never);
  const second = job(farm, 'second', [21, 0]);
  measured(farm, 85);
  // 85 free, of which the first still needs 40 for its output and about 27 for chunks to come
  expect(spaceShortageOf(farm.state, second.jobId)?.freeBytes).toBeCloseTo(85 - 40 - (40 * 4) / 6, 5);
});

test('a low disk stops grants to nodes, not the end of jobs; above the high mark all goes on', () => {
  const farm = farmWithRoom(100);
  const first = job(farm, 'first', [1, 1]);
  measured(farm, 5, true);
  const second = job(farm, 'second', [1, 1]);
  finish(farm, first);
  expect(farm.state.jobs.get(first.jobId)?.phase.kind).toBe('done');
  farm.passes(60_000, [nodeId('one')]);
  expect(farm.holder(second.chunks[0] as never)).toBeNull();
  measured(farm, 50);
  expect(farm.holder(second.chunks[0] as never)).toBe(nodeId('one'));
});

test('after a restart jobs that have begun keep their room', () => {
  const farm = farmWithRoom(100);
  const first = job(farm, 'first', [30, 30]);
  const second = job(farm, 'second', [30, 30]);
  farm.does({ type: 'boot' });
  measured(farm, 100);
  farm.joins('one', { slots: 2 });
  farm.passes(20_000, [nodeId('one')]);
  expect(spaceShortageOf(farm.state, first.jobId)).toBeNull();
  expect(farm.attempts(second.chunks[0] as never)).toBe(0);
});

test('scratch that comes back is counted as far as it is made, and once', () => {
  const farm = farmWithRoom(1000);
  const first = job(farm, 'first', [60, 20], 4);
  job(farm, 'second', [50, 0]);
  // nothing of either lies on the disk yet
  expect(returningBytes(farm.state, volume)).toBe(0);
  farm.completes(first.chunks[0] as never);
  farm.completes(first.chunks[1] as never);
  expect(returningBytes(farm.state, volume)).toBeCloseTo((60 * 2) / 6, 5);
  finish(farm, { ...first, chunks: first.chunks.slice(2) });
  // done, and kept for a while
  expect(returningBytes(farm.state, volume)).toBe(60);
  farm.does({ type: 'note-scratch-removed', jobId: first.jobId });
  expect(returningBytes(farm.state, volume)).toBe(0);
});

test('jobs that all fit are promised their room without walking them, as one by one', () => {
  const farm = farmWithRoom(1000);
  const jobs = [1, 2, 3, 4].map((number) => job(farm, 'abcde'[number] as string, [10 * number, number]));
  measured(farm, 1000);
  expect(farm.state.space.left.get(volume)).toBeCloseTo(1000 - 110, 5);
  expect(farm.state.index.space.ahead.size).toBe(2);
  farm.does({ type: 'cancel-job', jobId: (jobs[3] as TestJob).jobId });
  measured(farm, 1000);
  expect(farm.state.space.left.get(volume)).toBeCloseTo(1000 - 66, 5);
});
