import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

test('1,000 seeds of faults break no promise', () => {
  const started = performance.now();
  let steps = 0;
  const broken: string[] = [];
  for (let seed = 1; seed <= 1000; seed += 1) {
    const report = simulate(seed);
    steps += report.steps;
    if (report.fault !== null) broken.push(`seed ${seed}: ${report.fault}`);
  }
  console.info(`1,000 seeds, ${steps} steps, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  expect(broken).toEqual([]);
});
