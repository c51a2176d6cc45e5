import { parseSchedule } from '@reelmill/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchHours } from './watchHours.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the node closes and opens within a second of its hours, and says when they begin', () => {
  // A Monday, by the clock on the wall.
  vi.setSystemTime(new Date(2026, 10, 23, 18, 59, 58));
  const told: (string | null)[] = [];
  const stop = watchHours(parseSchedule('mon-fri 19:00-07:00'), (outside) => void told.push(outside?.until ?? null));
  expect(told).toEqual([new Date(2026, 10, 23, 19, 0).toISOString()]);
  vi.advanceTimersByTime(3_000);
  expect(told.slice(1)).toEqual([null]);
  vi.advanceTimersByTime(12 * 3_600_000);
  expect(told.slice(2)).toEqual([new Date(2026, 10, 24, 19, 0).toISOString()]);
  stop();
  vi.advanceTimersByTime(24 * 3_600_000);
  expect(told).toHaveLength(3);
});
