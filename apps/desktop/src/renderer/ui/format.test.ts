import { expect, test } from 'vitest';
import {
  bytes,
  clockLength,
  counted,
  framesPerSecond,
  percent,
  speed,
  stopwatch,
  timeLeft,
  wholeNumber,
} from './format.ts';

test('what a machine does not report is a dash, never a zero or a word of the language', () => {
  for (const missing of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(wholeNumber(missing)).toBe('—');
    expect(bytes(missing)).toBe('—');
    expect(framesPerSecond(missing)).toBe('—');
    expect(speed(missing)).toBe('—');
  }
  expect(timeLeft(null)).toBe('—');
  expect(clockLength(null)).toBe('—');
  expect(stopwatch(null)).toBe('—');
});

test('100 percent belongs to finished jobs alone', () => {
  expect(percent(99.99, false)).toBe('99');
  expect(percent(100, false)).toBe('99');
  expect(percent(100, true)).toBe('100');
  expect(percent(0.4, false)).toBe('0');
});

test('time left is a range in steps that people read', () => {
  expect(timeLeft({ fromSeconds: 541, toSeconds: 716 })).toBe('10–12 min');
  expect(timeLeft({ fromSeconds: 12, toSeconds: 22 })).toBe('15–25 s');
  expect(timeLeft({ fromSeconds: 3, toSeconds: 4 })).toBe('5 s');
  expect(timeLeft({ fromSeconds: 3500, toSeconds: 5300 })).toBe('1 h 00–1 h 30');
});

test('amounts keep three digits and their unit', () => {
  expect(bytes(0)).toBe('0 B');
  expect(bytes(999)).toBe('999 B');
  expect(bytes(1_240_000)).toBe('1.2 MB');
  expect(bytes(412e9)).toBe('412 GB');
  expect(framesPerSecond(4.26)).toBe('4.3');
  expect(framesPerSecond(168.4)).toBe('168');
  expect(speed(4.13)).toBe('4.1×');
  expect(counted(1, 'job')).toBe('1 job');
  expect(counted(0, 'job')).toBe('0 jobs');
});

test('lengths and stopwatches', () => {
  expect(clockLength(95.48)).toBe('00:01:35.480');
  expect(stopwatch(7)).toBe('0:07');
  expect(stopwatch(3729)).toBe('1:02:09');
});
