import type { NodeHours } from '@reelmill/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFarmHours } from './farmHours.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const hours = (schedule: string): NodeHours => ({ schedule, by: 'ben', since: '2026-11-20T00:00:00.000Z' });

test("the farm's hours are kept by the clock of this machine, and said with whether it is outside of them", () => {
  // A Monday, by the clock on the wall.
  vi.setSystemTime(new Date(2026, 10, 23, 18, 59, 58));
  const said: [string | null, string | null][] = [];
  const farm = createFarmHours(
    { farmHours: (set, outside) => void said.push([set?.schedule ?? null, outside?.until ?? null]) },
    pino({ level: 'silent' }),
  );
  const nights = hours('mon-fri 19:00-07:00');
  farm.order(nights);
  farm.order({ ...nights });
  expect(said.splice(0)).toEqual([[nights.schedule, new Date(2026, 10, 23, 19, 0).toISOString()]]);
  vi.advanceTimersByTime(3_000);
  expect(said.splice(0)).toEqual([[nights.schedule, null]]);
  // What cannot be read is not followed; the coordinator hears that none are.
  farm.order(hours('mon 19-7'));
  expect(said.splice(0)).toEqual([[null, null]]);
  farm.order(hours('00:00-24:00'));
  farm.order(null);
  expect(said.splice(0)).toEqual([
    ['00:00-24:00', null],
    [null, null],
  ]);
  vi.advanceTimersByTime(24 * 3_600_000);
  expect(said).toEqual([]);
});
