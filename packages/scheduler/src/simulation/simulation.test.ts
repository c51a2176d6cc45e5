import { expect, test } from 'vitest';
import { mutants } from './mutants.ts';
import { simulate } from './simulate.ts';

const seeds = 1000;

test(`${seeds} seeds of faults break no promise`, () => {
  const started = performance.now();
  let steps = 0;
  const broken: string[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const report = simulate(seed);
    steps += report.steps;
    if (report.fault !== null) broken.push(`seed ${seed}: ${report.fault}`);
  }
  console.info(`${seeds} seeds, ${steps} steps, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  expect(broken).toEqual([]);
}, 180_000);

test('one seed gives the same run every time', () => {
  expect([simulate(7), simulate(8)]).toEqual([simulate(7), simulate(8)]);
});

test.each(Object.entries(mutants))('a planted fault is found: %s', (name, rules) => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { fault } = simulate(seed, rules);
    if (fault === null) continue;
    console.info(`${name}: seed ${seed}, ${fault}`);
    return;
  }
  expect.fail(`${seeds} seeds did not find it`);
});
