import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LongList } from './longList.ts';

test('whatever is put in and taken out, it has what a sorted array has, and older lists stay as they were', () => {
  const step = fc.record({ value: fc.nat(4_000), isIn: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 800, maxLength: 3_000 }), (steps) => {
      let list = LongList.empty<number>();
      let array: number[] = [];
      for (const { value, isIn } of steps) {
        const before = [list, array] as const;
        const isBefore = (one: number): boolean => one < value;
        const has = array.includes(value);
        if (isIn && !has) [list, array] = [list.insert(value, isBefore), [...array, value].sort((a, b) => a - b)];
        if (!isIn && has) [list, array] = [list.remove(isBefore), array.filter((one) => one !== value)];
        if (value % 500 === 0) expect([...before[0]]).toEqual(before[1]);
      }
      expect([...list]).toEqual(array);
      expect([list.length, list.at(0), list.at(700)]).toEqual([array.length, array[0], array[700]]);
      expect(JSON.stringify({ list })).toBe(JSON.stringify({ list: array }));
    }),
    { numRuns: 30 },
  );
}, 30_000);
