import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

test('one seed gives the same events every time, by hash', () => {
  const first = [7, 8, 9].map((seed) => simulate(seed));
  expect([7, 8, 9].map((seed) => simulate(seed))).toEqual(first);
  expect(new Set(first.map(({ hash }) => hash)).size).toBe(3);
});

test('looking at a seed does not change it', () => {
  const lines: string[] = [];
  expect(simulate(7, { trace: (line) => lines.push(line) })).toEqual(simulate(7));
  expect(lines.some((line) => line.includes('lease-granted'))).toBe(true);
});
