import { applyPatch, type FarmView } from '@reelmill/protocol';
import { beforeAll, expect, test } from 'vitest';
import { PatchStream } from '../gateway/patchStream.ts';
import { encodeIdOf, jobIdOf, nodeIdOf, TestFarm } from './testing/testFarm.ts';

const jobCount = 1_000;
const chunkCount = 20;
const farm = new TestFarm();

beforeAll(() => {
  for (let node = 1; node <= 4; node += 1) farm.join(nodeIdOf(node));
  for (let job = 1; job <= jobCount; job += 1) {
    farm.submit(jobIdOf(job));
    farm.plan(jobIdOf(job), chunkCount);
  }
  farm.advance(1_000);
}, 120_000);

test('with 1,000 jobs of 20 chunks no message to a window exceeds 1 MiB, and the replica is whole', () => {
  const sizes: number[] = [];
  let replica: FarmView | null = null;
  const queue: (() => void)[] = [];
  const stream = new PatchStream(
    {
      snapshot: (snapshot) => {
        sizes.push(JSON.stringify(snapshot).length);
        replica = snapshot.farm;
      },
      patch: (patch) => {
        sizes.push(JSON.stringify(patch).length);
        if (replica !== null) replica = applyPatch(replica, patch);
      },
    },
    { later: (run) => void queue.push(run) },
  );
  stream.start(farm.projection.snapshot());
  while (queue.length > 0) queue.shift()?.();
  console.info(`long queue: ${sizes.length} messages, largest ${Math.max(...sizes)} bytes`);
  expect(replica).toEqual(farm.projection.snapshot().farm);
  expect(Math.max(...sizes)).toBeLessThan(1024 ** 2);
});

test('with 1,000 jobs a progress report costs a small patch, built in a few milliseconds', () => {
  const sizes: number[] = [];
  const stop = farm.projection.subscribe((patch) => sizes.push(JSON.stringify(patch).length));
  const rounds = 100;
  const startedMs = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    farm.progress(encodeIdOf(jobIdOf(1), 0), { framesDone: (round / rounds) * 47, fps: round + 1 });
    farm.advance(250);
  }
  const eachMs = (performance.now() - startedMs) / rounds;
  stop();
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  console.info(`long queue: ${eachMs.toFixed(1)} ms and ${Math.round(mean)} bytes per patch`);
  expect(mean).toBeLessThan(8 * 1024);
  expect(eachMs).toBeLessThan(60);
});

test.each([
  [1, 'bottom'],
  [jobCount, 'top'],
] as const)('job %i of 1,000 moved to the %s is told as one row', (job, position) => {
  const moved: string[] = [];
  const stop = farm.projection.subscribe(({ changes }) => moved.push(...changes.map(({ kind }) => kind)));
  farm.command({ type: 'order-job', jobId: jobIdOf(job), change: { position } });
  farm.advance(500);
  stop();
  expect(moved.filter((kind) => kind === 'job-added')).toEqual(['job-added']);
  const { jobs } = farm.projection.snapshot().farm;
  expect(jobs.at(position === 'top' ? 0 : -1)?.jobId).toBe(jobIdOf(job));
});

test('a queue that nobody looked at is shown from its top, and the rest by patches', () => {
  const { projection: fresh, turn } = farm.begin();
  const { sequence, farm: first } = fresh.snapshot({ begun: true });
  expect(first.jobs.length).toBeLessThan(jobCount / 2);
  const replica = { farm: first, sequence };
  const stop = fresh.subscribe((patch) => {
    expect(patch.sequence).toBe(replica.sequence + 1);
    Object.assign(replica, { farm: applyPatch(replica.farm, patch), sequence: patch.sequence });
  });
  for (let page = 1; page < 4; page += 1) turn();
  stop();
  const whole = farm.projection.snapshot().farm.jobs.map(({ jobId }) => jobId);
  expect(first.jobs.map(({ jobId }) => jobId)).toEqual(whole.slice(0, first.jobs.length));
  expect(replica.farm.jobs.map(({ jobId }) => jobId)).toEqual(whole);
  expect(fresh.snapshot().farm).toEqual(replica.farm);
});

test('who asks for the whole queue gets it whole, also while another reads it in pages', () => {
  const { projection: fresh } = farm.begin();
  const { farm: first } = fresh.snapshot({ begun: true });
  const replica = { farm: first };
  const stop = fresh.subscribe((patch) => Object.assign(replica, { farm: applyPatch(replica.farm, patch) }));
  expect(fresh.snapshot().farm.jobs).toHaveLength(jobCount);
  stop();
  expect(replica.farm.jobs).toHaveLength(jobCount);
});
