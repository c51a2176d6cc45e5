import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findSequences, frameName, gapsText, sequenceName } from './findSequences.ts';

const numbered = (prefix: string, numbers: readonly number[], digits: number, suffix = '.png') =>
  numbers.map((number) => `${prefix}${String(number).padStart(digits, '0')}${suffix}`);
const found = (names: readonly string[]) =>
  findSequences('/shots', names).map(({ sequence, gaps, frames }) => [sequenceName(sequence), frames, gapsText(gaps)]);

test('three numbered images are a sequence, two are not, other files are none', () => {
  expect(found([...numbered('a_', [1, 2, 3], 4), ...numbered('b_', [1, 2], 4), 'notes.txt', 'cover.png'])).toEqual([
    ['a_[0001-0003].png', 3, ''],
  ]);
});

test('gaps are named as ranges', () => {
  expect(found(numbered('f', [1, 2, 3, 5, 10], 3))).toEqual([['f[001-010].png', 5, '4, 6–9']]);
});

test('a padded run may outgrow its padding; an unpadded run stays one', () => {
  expect(found(numbered('x.', [9998, 9999, 10000, 9001], 4, '.exr'))).toMatchObject([
    ['x.[9001-10000].exr', 4, '9002–9997'],
  ]);
  expect(found(numbered('y', [8, 9, 10, 11], 1))).toEqual([['y[8-11].png', 4, '']]);
});

test('photos numbered by date, and single numbers far away, are no sequence', () => {
  expect(found(['IMG_20240101.jpg', 'IMG_20240203.jpg', 'IMG_20251231.jpg'])).toEqual([]);
  expect(found(numbered('f', [1, 2, 3, 5000], 4))).toEqual([['f[0001-0003].png', 3, '']]);
});

test('different paddings, prefixes and formats are different sequences', () => {
  const names = [
    ...numbered('a', [1, 2, 3], 2),
    ...numbered('a', [1, 2, 3], 4),
    ...numbered('b', [1, 2, 3], 2),
    ...numbered('a', [1, 2, 3], 2, '.JPG'),
  ];
  expect(found(names)).toHaveLength(4);
});

test('a name that ends in several numbers counts by the last one', () => {
  expect(found(numbered('s01e02_', [7, 8, 9], 2, '.dpx'))).toEqual([['s01e02_[07-09].dpx', 3, '']]);
});

test('whatever the numbers, frames and gaps of a sequence make up its range', () => {
  const numbers = fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 3, maxLength: 40 });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 6 }), (present, digits) => {
      const names = numbered('p_', present, digits);
      const sequences = findSequences('/x', names);
      const frames = sequences.reduce((sum, one) => sum + one.frames, 0);
      expect(frames).toBeLessThanOrEqual(names.length);
      const [whole] = sequences;
      if (sequences.length !== 1 || whole?.frames !== names.length) return;
      expect(whole.sequence).toMatchObject({ first: Math.min(...present), last: Math.max(...present) });
      expect(new Set(names)).toEqual(new Set(present.map((number) => frameName(whole.sequence, number))));
      const missing = whole.gaps.reduce((sum, [first, last]) => sum + last - first + 1, 0);
      expect(missing).toBe(whole.sequence.last - whole.sequence.first + 1 - present.length);
    }),
    { numRuns: 1000 },
  );
});
