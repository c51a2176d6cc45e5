import { applyPatch, type FarmPatch, timing } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { encodeIdOf, jobIdOf, nodeIdOf, rendition, TestFarm, taskIdOf } from './testing/testFarm.ts';

const job = jobIdOf(1);
const node = nodeIdOf(1);

function planned(chunkCount = 4): TestFarm {
  const farm = new TestFarm();
  farm.join(node);
  farm.submit(job);
  farm.plan(job, chunkCount);
  return farm;
}

function finishAll(farm: TestFarm, chunkCount: number): void {
  for (let chunk = 0; chunk < chunkCount; chunk += 1) farm.finish(encodeIdOf(job, chunk));
}

/** The scheduler's clock as the coordinator drives it. */
function tickFor(farm: TestFarm, milliseconds: number): void {
  for (let passed = 0; passed < milliseconds; passed += 1_000) {
    farm.advance(1_000);
    farm.command({ type: 'tick' });
  }
  farm.advance(300);
}

test('a submitted job is in the very next snapshot', () => {
  const farm = new TestFarm();
  farm.projection.snapshot();
  farm.submit(job);
  expect(farm.job(job)).toMatchObject({ state: 'preparing', phase: 'probe', percent: 0, name: `${job}.mov` });
});

test('patches come at most every 250 ms, however much happens', () => {
  const farm = planned();
  const times: number[] = [];
  farm.projection.subscribe(() => times.push(farm.nowMs));
  for (let step = 0; step < 200; step += 1) {
    farm.progress(encodeIdOf(job, 0), { framesDone: step / 5, fps: step });
    farm.advance(10);
  }
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(times.length).toBeGreaterThan(6);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(timing.uiPatchIntervalMs);
});

test('who waits for nothing but the end of a job is told at once', () => {
  const farm = planned();
  const states: (string | undefined)[] = [];
  const listen = (): void => void states.push(farm.projection.snapshot().farm.jobs[0]?.state);
  farm.projection.subscribe(listen, { endsAtOnce: true });
  farm.advance(timing.uiPatchIntervalMs);
  states.length = 0;
  farm.command({ type: 'cancel-job', jobId: job });
  farm.advance(0);
  expect(states).toEqual(['canceled']);
});

test('while a job is worked on, a shown number changes at least every 2 s without any news', () => {
  const farm = planned();
  farm.progress(encodeIdOf(job, 0), { framesDone: 3 });
  farm.advance(300);
  const times = [farm.nowMs];
  farm.projection.subscribe(({ changes }) => {
    if (changes.some((change) => change.kind === 'job-changed' && change.jobId === job)) times.push(farm.nowMs);
  });
  for (let step = 0; step < 120; step += 1) farm.advance(250);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(times.length).toBeGreaterThan(20);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(2_000);
});

test('a patch names only the fields and chunks that changed', () => {
  const farm = planned();
  farm.advance(300);
  const patches: FarmPatch[] = [];
  farm.projection.subscribe((patch) => patches.push(patch));
  farm.progress(encodeIdOf(job, 0), { framesDone: 24, fps: 30 });
  farm.advance(300);
  const change = patches[0]?.changes.find((one) => one.kind === 'job-changed');
  if (change?.kind !== 'job-changed') throw new Error('no change of the job');
  expect(Object.keys(change.fields).sort()).toEqual(['fps', 'percent', 'phase', 'phaseBytes', 'speed']);
  expect(change.chunks.map((chunk) => [chunk.index, chunk.percent])).toEqual([[0, 50]]);
});

test('phases follow the way of a file, and 100 % comes only with done', () => {
  const farm = planned(2);
  expect(farm.job(job)).toMatchObject({ state: 'encoding', phase: 'fetch', threads: 1, chunksTotal: 2 });
  farm.progress(encodeIdOf(job, 0), { framesDone: 48, phase: 'upload' });
  farm.advance(300);
  expect(farm.job(job)).toMatchObject({ state: 'encoding', phase: 'encode' });
  expect(farm.job(job)?.chunks[0]).toMatchObject({ state: 'uploading', percent: 99, node: `studio ${node}` });
  farm.finish(taskIdOf(job, 'hash'));
  finishAll(farm, 2);
  farm.advance(300);
  expect(farm.job(job)).toMatchObject({ state: 'finishing', phase: 'join', percent: 94, chunksDone: 2 });
  const assemble = { taskId: taskIdOf(job, `${rendition}/assemble`), jobId: job, bytes: null };
  farm.emit({ kind: 'house-progress', progress: { ...assemble, phase: 'verify', percent: 100 } });
  farm.advance(300);
  expect(farm.job(job)).toMatchObject({ state: 'finishing', phase: 'verify', percent: 99.5 });
  farm.finish(taskIdOf(job, `${rendition}/assemble`));
  farm.advance(300);
  expect(farm.job(job)).toMatchObject({ phase: 'publish', percent: 99.5 });
  farm.publish(job);
  expect(farm.job(job)).toMatchObject({ state: 'done', phase: 'none', percent: 100, nodes: [`studio ${node}`] });
  expect(farm.job(job)?.outputs).toHaveLength(1);
});

test('index progress is shown in bytes', () => {
  const farm = new TestFarm();
  farm.submit(job);
  const bytes = { done: 600, total: 1_000 };
  const progress = { taskId: taskIdOf(job, 'probe'), jobId: job, phase: 'index' as const, bytes, percent: null };
  farm.emit({ kind: 'house-progress', progress });
  farm.advance(300);
  expect(farm.job(job)).toMatchObject({ state: 'preparing', phase: 'index', phaseBytes: bytes, percent: 1.2 });
});

test('the range of remaining time stays unknown until three chunks are verified', () => {
  const farm = planned(40);
  // The order in which 40 chunks are handed out.
  for (const [done, chunk] of [0, 32, 16, 8, 24].entries()) {
    for (let second = 1; second <= 2; second += 1) {
      farm.progress(encodeIdOf(job, chunk), { framesDone: 24 * second });
      farm.advance(1_000);
      if (done < 3) expect(farm.job(job)?.eta).toBeNull();
    }
    farm.finish(encodeIdOf(job, chunk));
  }
  farm.advance(300);
  const eta = farm.job(job)?.eta;
  expect(eta?.fromSeconds).toBeLessThan(70);
  expect(eta?.toSeconds).toBeGreaterThan(70);
});

test('a silent node is shown offline within 12 s, and stays on the list with its last sign of life', () => {
  const farm = planned();
  farm.telemetry(node);
  const seenAt = farm.iso;
  const nodeNow = () => farm.projection.snapshot().farm.nodes[0];
  farm.advance(300);
  expect(nodeNow()?.state).toBe('rendering');
  farm.advance(11_700);
  expect(nodeNow()).toMatchObject({ state: 'offline', lastSeenAt: seenAt, work: [], busySlots: 0 });
  farm.leave(node);
  tickFor(farm, 60_000);
  expect(nodeNow()).toMatchObject({ state: 'offline', lost: 2 });
  farm.join(node);
  tickFor(farm, 1_000);
  expect(nodeNow()?.state).toBe('rendering');
});

test('nodes found on the network are listed until they vanish; joined ones stay', () => {
  const farm = new TestFarm();
  const found = { nodeId: node, name: 'attic', address: '10.0.0.7' };
  farm.emit({ kind: 'node-found', node: found });
  farm.advance(300);
  expect(farm.projection.snapshot().farm.nodes).toMatchObject([{ state: 'found', name: 'attic', slots: 0 }]);
  farm.emit({ kind: 'node-lost', nodeId: node });
  farm.advance(300);
  expect(farm.projection.snapshot().farm.nodes).toEqual([]);
  farm.emit({ kind: 'node-found', node: found });
  farm.join(node);
  farm.emit({ kind: 'node-lost', nodeId: node });
  farm.advance(300);
  expect(farm.projection.snapshot().farm.nodes).toMatchObject([{ state: 'ready', name: `studio ${node}` }]);
});

test('a lost chunk is shown as a retry, then as the next attempt on the other node', () => {
  const farm = planned(2);
  const other = nodeIdOf(2);
  farm.progress(encodeIdOf(job, 0), { framesDone: 30 });
  farm.leave(node);
  farm.advance(2_000);
  // The lease still runs: the node may come back with it.
  expect(farm.job(job)?.chunks[0]).toMatchObject({ state: 'encoding', attempt: 1 });
  tickFor(farm, 12_000);
  expect(farm.job(job)?.chunks[0]).toMatchObject({ state: 'retry', attempt: 1, percent: 0 });
  farm.join(other);
  tickFor(farm, 3_000);
  farm.advance(300);
  expect(farm.job(job)?.chunks[0]).toMatchObject({ state: 'encoding', attempt: 2, node: `studio ${other}` });
});

test('a node that only uploads has its slot free', () => {
  const farm = planned(2);
  farm.progress(encodeIdOf(job, 0), { framesDone: 48, phase: 'upload' });
  farm.advance(300);
  expect(farm.projection.snapshot().farm.nodes[0]).toMatchObject({ state: 'rendering', busySlots: 1 });
  expect(farm.projection.snapshot().farm.nodes[0]?.work).toHaveLength(2);
});

test('bytes per second are the difference of two health reports', () => {
  const farm = planned();
  farm.telemetry(node, { bytesDownloaded: 1_000 });
  farm.advance(2_000);
  farm.telemetry(node, { bytesDownloaded: 5_000, bytesUploaded: 200 });
  farm.advance(300);
  const { stats } = farm.projection.snapshot().farm;
  expect(stats).toMatchObject({ bytesDownPerSecond: 2_000, bytesUpPerSecond: 100, cpuPercent: 50 });
});

test('a retry from scratch with fewer chunks replaces the map in every replica', () => {
  const farm = planned(6);
  farm.advance(300);
  let replica = farm.projection.snapshot().farm;
  farm.projection.subscribe((patch) => {
    replica = applyPatch(replica, patch);
  });
  farm.command({ type: 'cancel-job', jobId: job });
  farm.advance(300);
  farm.command({ type: 'retry-job', jobId: job, replan: true });
  farm.advance(300);
  farm.plan(job, 2);
  farm.advance(300);
  expect(replica).toEqual(farm.projection.snapshot().farm);
  expect(replica.jobs[0]?.chunks).toHaveLength(2);
});

test('nothing is built while nobody looks, however many nodes report', () => {
  const farm = new TestFarm();
  const many = Array.from({ length: 100 }, (_, index) => nodeIdOf(index));
  for (const one of many) farm.join(one);
  farm.projection.snapshot();
  farm.advance(5_000);
  expect(farm.isTimerSet).toBe(false);
  for (const one of many) farm.telemetry(one);
  expect(farm.isTimerSet).toBe(false);
  expect(farm.projection.snapshot().farm.nodes.every(({ lastSeenAt }) => lastSeenAt === farm.iso)).toBe(true);
  const stop = farm.projection.subscribe(() => {});
  expect(farm.isTimerSet).toBe(true);
  stop();
  farm.advance(5_000);
  expect(farm.isTimerSet).toBe(false);
});

test('of a thousand nodes a patch names the one that reported, and the others keep their rows', () => {
  const farm = new TestFarm();
  for (let index = 0; index < 1_000; index += 1) farm.join(nodeIdOf(index));
  const before = farm.projection.snapshot().farm.nodes;
  const patches: FarmPatch[] = [];
  farm.projection.subscribe((patch) => patches.push(patch));
  farm.telemetry(nodeIdOf(500));
  farm.advance(300);
  const told = patches.flatMap(({ changes }) => changes.filter(({ kind }) => kind === 'node-changed'));
  expect(told).toMatchObject([{ node: { nodeId: nodeIdOf(500), cpuPercent: 50 } }]);
  const after = farm.projection.snapshot().farm.nodes;
  expect(after.filter((node, position) => node !== before[position])).toHaveLength(1);
});

test('who looks late sees how long a job has been worked on, and what it has left', () => {
  const farm = planned(40);
  for (const chunk of [0, 32, 16, 8, 24]) {
    for (let second = 1; second <= 2; second += 1) {
      farm.progress(encodeIdOf(job, chunk), { framesDone: 24 * second });
      farm.advance(1_000);
    }
    farm.finish(encodeIdOf(job, chunk));
  }
  expect(farm.job(job)).toMatchObject({ elapsedSeconds: 10, eta: { fromSeconds: expect.any(Number) } });
  farm.command({ type: 'cancel-job', jobId: job });
  farm.advance(60_000);
  expect(farm.job(job)).toMatchObject({ state: 'canceled', elapsedSeconds: 10 });
});

test('a film of thousands of chunks costs a patch of one chunk when one chunk moves', () => {
  const farm = planned(5_400);
  const before = farm.job(job)?.chunks ?? [];
  const patches: FarmPatch[] = [];
  farm.projection.subscribe((patch) => patches.push(patch));
  farm.advance(300);
  patches.length = 0;
  farm.progress(encodeIdOf(job, 0), { framesDone: 24, fps: 30 });
  farm.advance(300);
  expect(JSON.stringify(patches).length).toBeLessThan(2_000);
  const after = farm.job(job)?.chunks ?? [];
  expect(after.filter((chunk, position) => chunk !== before[position]).map(({ index }) => index)).toEqual([0]);
});
