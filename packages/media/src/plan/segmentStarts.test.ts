import { expect, test } from 'vitest';
import { cutAtSegments, segmentStarts } from './segmentStarts.ts';

const steady = (frames: number, step: number) => Array.from({ length: frames }, (_, at) => at * step);

test('segments of a steady film have equal numbers of frames, also where their length is no whole number of them', () => {
  const pts = steady(300, 1001);
  const starts = segmentStarts({ pts, timeBase: { num: 1, den: 30_000 }, endPts: 300_300 }, 4);
  expect(starts).toEqual([0, 120, 240]);
});

test('rounded times of a steady film are steady', () => {
  const pts = steady(240, 1000 / 30).map(Math.round);
  expect(segmentStarts({ pts, timeBase: { num: 1, den: 1000 }, endPts: 8000 }, 2)).toEqual([0, 60, 120, 180]);
});

test('a segment of an uneven film begins with the first frame at or after each multiple of the length', () => {
  const pts = [0, 900, 2100, 2200, 9000, 9500, 12_100, 13_000];
  const starts = segmentStarts({ pts, timeBase: { num: 1, den: 1000 }, endPts: 14_000 }, 2);
  expect(starts).toEqual([0, 2, 4, 6]);
});

test('chunks begin where segments do, and none twice', () => {
  expect(cutAtSegments([0, 55, 70, 131, 239], [0, 60, 120, 180, 240])).toEqual([0, 60, 120, 240]);
});
