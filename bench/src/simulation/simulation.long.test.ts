import { mutants, regressionSeeds, simulate } from '@reelmill/scheduler/simulation';
import { expect, test } from 'vitest';
import { describeFault } from './nightly.ts';
import { runSeedTask } from './runSeedTask.ts';
import { runOnThreads, seedTasks } from './seedPool.ts';

const seeds = 10_000;
const mutantSeeds = 2_000;
/** Of each, every event of the journal is a place to die at. */
const crashSeeds = [1, 2, 3];

test('seeds that once broke a promise break none', () => {
  const broken = regressionSeeds.map(({ seed }) => simulate(seed)).filter(({ fault }) => fault !== null);
  expect(broken).toEqual([]);
});

test(`${seeds} seeds of faults break no promise`, async () => {
  const startedAt = performance.now();
  const results = await runOnThreads(seedTasks(1, seeds));
  const steps = results.reduce((sum, result) => sum + result.steps, 0);
  console.info(`${seeds} seeds, ${steps} steps, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  expect(results.flatMap(({ found }) => found.map(describeFault))).toEqual([]);
}, 300_000);

test('a coordinator that dies at any event of its journal breaks no promise', async () => {
  const results = await runOnThreads(crashSeeds.map((seed) => ({ kind: 'crashes', seed })));
  expect(Math.min(...results.map(({ runs }) => runs))).toBeGreaterThan(20);
  expect(results.flatMap(({ found }) => found.map(describeFault))).toEqual([]);
}, 120_000);

test('a seed has the same events in a thread of its own', async () => {
  const task = { kind: 'seeds', from: 7, count: 20 } as const;
  expect(await runOnThreads([task])).toEqual([runSeedTask(task)]);
});

test(`every planted fault is found within ${mutantSeeds} seeds`, async () => {
  const names = Object.keys(mutants);
  expect(names.length).toBeGreaterThanOrEqual(25);
  const results = await runOnThreads(names.map((name) => ({ kind: 'mutant', name, limit: mutantSeeds })));
  const survived = names.filter((_, index) => results[index]?.found.length === 0);
  expect(survived).toEqual([]);
}, 300_000);
