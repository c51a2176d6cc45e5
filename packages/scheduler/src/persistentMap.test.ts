import { expect, test } from 'vitest';
import { PersistentMap } from './persistentMap.ts';

const numbers = (count: number): PersistentMap<string, { n: number }> =>
  Array.from({ length: count }, (_, n) => n).reduce(
    (map, n) => map.set(`key-${n}`, { n }),
    PersistentMap.empty<string, { n: number }>(),
  );

test('all values are changed at once, and the map before stays as it was', () => {
  const before = numbers(2_000);
  const after = before.mapValues(({ n }) => ({ n: n + 1 }));
  expect(after.size).toBe(2_000);
  expect([before.get('key-7'), after.get('key-7')]).toEqual([{ n: 7 }, { n: 8 }]);
  expect([...after].map(([key, { n }]) => key === `key-${n - 1}`)).not.toContain(false);
});

test('values that stay are the same objects; an empty map stays empty', () => {
  const before = numbers(500);
  const after = before.mapValues((value) => (value.n === 3 ? { n: -3 } : value));
  expect(after.get('key-3')).toEqual({ n: -3 });
  expect(after.get('key-4')).toBe(before.get('key-4'));
  expect(PersistentMap.empty<string, number>().mapValues((value) => value + 1).size).toBe(0);
});
