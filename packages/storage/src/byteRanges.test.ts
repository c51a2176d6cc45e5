import { expect, test } from 'vitest';
import { parseRange } from './byteRanges.ts';

test.each([
  ['bytes=0-0', { start: 0, end: 1 }],
  ['bytes=2-', { start: 2, end: 10 }],
  ['bytes=2-5', { start: 2, end: 6 }],
  ['bytes=2-999', { start: 2, end: 10 }],
  ['bytes=-3', { start: 7, end: 10 }],
  ['bytes=-99', { start: 0, end: 10 }],
])('%s of ten bytes', (header, range) => {
  expect(parseRange(header, 10)).toEqual({ kind: 'range', range });
});

test.each([undefined, '', 'bytes=-', 'bytes=5-2', 'bytes=0-1,3-4', 'items=0-1', 'bytes=a-b'])(
  'the header %j answers the whole object',
  (header) => {
    expect(parseRange(header, 10)).toEqual({ kind: 'whole' });
  },
);

test.each(['bytes=10-', 'bytes=11-12', 'bytes=-0'])('%s of ten bytes is unsatisfiable', (header) => {
  expect(parseRange(header, 10)).toEqual({ kind: 'unsatisfiable' });
});
