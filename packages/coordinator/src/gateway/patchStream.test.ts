import {
  applyPatch,
  type FarmPatch,
  type FarmSnapshot,
  type FarmView,
  type JobView,
  RenditionId,
} from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { reportOf } from '../projection/testing/reportOf.ts';
import { PatchStream } from './patchStream.ts';

const job = (index: number, chunkCount: number): JobView =>
  ({
    jobId: `J-${index}`,
    state: 'encoding',
    percent: 0,
    reports: [],
    chunks: Array.from({ length: chunkCount }, (_, chunk) => ({ index: chunk, percent: 0, state: 'waiting' })),
  }) as unknown as JobView;

const farmOf = (jobs: JobView[]): FarmView => ({ jobs, nodes: [], stats: {} }) as unknown as FarmView;

function reader(pagesJobs = false) {
  const queue: (() => void)[] = [];
  const received: (FarmSnapshot | FarmPatch)[] = [];
  let farm: FarmView | null = null;
  const stream = new PatchStream(
    {
      snapshot: (snapshot) => {
        received.push(snapshot);
        farm = snapshot.farm;
      },
      patch: (patch) => {
        received.push(patch);
        if (farm !== null) farm = applyPatch(farm, patch);
      },
    },
    { pagesJobs, later: (run) => void queue.push(run) },
  );
  return {
    stream,
    received,
    turn: () => queue.shift()?.(),
    drain: () => {
      while (queue.length > 0) queue.shift()?.();
    },
    get farm() {
      return farm;
    },
  };
}

test('a short queue comes whole in the snapshot', () => {
  const one = reader();
  const farm = farmOf([job(1, 10)]);
  one.stream.start({ epoch: 'e', sequence: 77, farm });
  expect(one.received).toEqual([{ epoch: 'e', sequence: 0, farm }]);
});

test('a long queue names every job at once; its chunk maps follow as numbered patches before live ones', () => {
  const one = reader();
  const farm = farmOf(Array.from({ length: 100 }, (_, index) => job(index, 100)));
  one.stream.start({ epoch: 'e', sequence: 0, farm });
  expect(one.farm?.jobs).toHaveLength(100);
  one.turn();
  one.stream.push([{ kind: 'job-removed', jobId: 'J-99' as JobView['jobId'] }]);
  one.drain();
  expect(one.received.map((message) => message.sequence)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(one.farm).toEqual(farmOf(farm.jobs.slice(0, 99)));
});

test('reports count like chunk maps: a long queue of them is paged too, and arrives whole', () => {
  const one = reader();
  const report = reportOf(RenditionId.parse('h264-720p'), 5);
  const farm = farmOf(Array.from({ length: 1_000 }, (_, index) => ({ ...job(index, 0), reports: [report] })));
  one.stream.start({ epoch: 'e', sequence: 0, farm });
  one.drain();
  expect(one.received.length).toBeGreaterThan(5);
  expect(Math.max(...one.received.map((message) => JSON.stringify(message).length))).toBeLessThan(512 * 1024);
  expect(one.farm).toEqual(farm);
});

test('the map of one very long film comes in parts, and arrives whole', () => {
  const one = reader();
  const farm = farmOf([job(1, 5_400), job(2, 10)]);
  one.stream.start({ epoch: 'e', sequence: 0, farm });
  one.drain();
  expect(one.received).toHaveLength(3);
  expect(one.farm).toEqual(farm);
  const { chunks } = job(1, 5_400);
  one.stream.push([{ kind: 'job-changed', jobId: 'J-2' as JobView['jobId'], fields: { percent: 1 }, chunks }]);
  one.drain();
  expect(one.received).toHaveLength(6);
  expect(one.farm?.jobs[1]).toMatchObject({ percent: 1, chunks });
});

test('a resync in the middle of paging starts over', () => {
  const one = reader();
  const farm = farmOf(Array.from({ length: 100 }, (_, index) => job(index, 100)));
  one.stream.start({ epoch: 'e', sequence: 0, farm });
  one.turn();
  one.stream.start({ epoch: 'e', sequence: 3, farm });
  one.drain();
  expect(one.received.map((message) => message.sequence)).toEqual([0, 1, 0, 1, 2, 3, 4]);
  expect(one.farm).toEqual(farm);
});

test('a reader of pages gets the first rows at once, the others in order behind them, then their maps', () => {
  const one = reader(true);
  const farm = farmOf(Array.from({ length: 1_001 }, (_, index) => job(index, index < 300 ? 10 : 0)));
  one.stream.start({ epoch: 'e', sequence: 0, farm });
  expect(one.farm?.jobs.map(({ jobId }) => jobId)).toEqual(farm.jobs.slice(0, 250).map(({ jobId }) => jobId));
  one.stream.push([{ kind: 'job-removed', jobId: 'J-1000' as JobView['jobId'] }]);
  expect(one.stream.unread).toBe(1);
  one.drain();
  expect(one.farm).toEqual(farmOf(farm.jobs.slice(0, 1_000)));
  expect(one.received.map((message) => message.sequence)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('a thousand jobs that come at once are told in parts', () => {
  const one = reader(true);
  one.stream.start({ epoch: 'e', sequence: 0, farm: farmOf([]) });
  const jobs = Array.from({ length: 1_000 }, (_, index) => job(index, 0));
  one.stream.push(jobs.map((row, at) => ({ kind: 'job-added', job: row, at })));
  expect(one.received).toHaveLength(2);
  one.drain();
  expect(one.received.length).toBeGreaterThan(4);
  expect(one.farm).toEqual(farmOf(jobs));
});

test('the map of a job far down the queue comes behind its row', () => {
  const one = reader(true);
  const farm = farmOf(Array.from({ length: 600 }, (_, index) => job(index, index === 1 || index === 599 ? 5_000 : 0)));
  one.stream.start({ epoch: 'e', sequence: 0, farm });
  one.drain();
  expect(one.farm).toEqual(farm);
});

test('new rows that bring long maps are told first, their maps behind them in pages', () => {
  const one = reader(true);
  one.stream.start({ epoch: 'e', sequence: 0, farm: farmOf([]) });
  const jobs = Array.from({ length: 20 }, (_, index) => job(index, 900));
  one.stream.push(jobs.map((row, at) => ({ kind: 'job-added', job: row, at })));
  one.drain();
  expect(Math.max(...one.received.map((message) => JSON.stringify(message).length))).toBeLessThan(256 * 1024);
  expect(one.farm).toEqual(farmOf(jobs));
});
