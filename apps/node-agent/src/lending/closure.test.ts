import { expect, test } from 'vitest';
import { closureOf, modeOf, noCauses } from './closure.ts';

const since = '2026-11-21T08:00:00.000Z';
const pausedHere = { mode: 'after-chunk' as const, by: 'anna', since };

test('the person at the machine is named first, then the hours, then that someone is there', () => {
  const outsideHours = { since, until: '2026-11-21T18:00:00.000Z' };
  expect(closureOf(noCauses)).toBeNull();
  expect(closureOf({ ...noCauses, inUse: { since } })).toMatchObject({ reason: 'in-use', by: null });
  expect(closureOf({ ...noCauses, inUse: { since }, outsideHours })).toMatchObject({
    reason: 'outside-hours',
    until: outsideHours.until,
  });
  expect(closureOf({ ...noCauses, pausedHere, outsideHours })).toMatchObject({ reason: 'paused', by: 'anna' });
  const outsideFarmHours = { since, until: null, by: 'ben' };
  expect(closureOf({ ...noCauses, inUse: { since }, outsideFarmHours })).toEqual({
    reason: 'outside-hours',
    ...outsideFarmHours,
  });
  expect(closureOf({ ...noCauses, outsideHours, outsideFarmHours })?.by).toBeNull();
  // The farm knows its own pause.
  expect(closureOf({ ...noCauses, pausedByFarm: { mode: 'now', by: 'ben', since } })).toBeNull();
});

test('the strictest cause in force decides what becomes of running tasks', () => {
  expect(modeOf(noCauses, 'now')).toBeNull();
  expect(modeOf({ ...noCauses, pausedHere }, 'now')).toBe('after-chunk');
  expect(modeOf({ ...noCauses, inUse: { since } }, 'now')).toBe('now');
  expect(modeOf({ ...noCauses, pausedHere, pausedByFarm: { mode: 'now', by: 'ben', since } }, 'after-chunk')).toBe(
    'now',
  );
  expect(modeOf({ ...noCauses, outsideHours: { since, until: null } }, 'after-chunk')).toBe('after-chunk');
});
