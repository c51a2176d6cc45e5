import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { isOpenAt, minuteOfWeek, nextOpening, parseSchedule } from './schedule.ts';

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** 2026-11-23 is a Monday. */
const at = (day: number, hour: number, minute: number): Date => new Date(2026, 10, 23 + day, hour, minute);

test('the hours of the issue: nights of the week, all of the weekend', () => {
  const schedule = parseSchedule('mon-fri 19:00-07:00, sat-sun 00:00-24:00');
  const open = (day: number, hour: number, minute = 0): boolean => isOpenAt(schedule, at(day, hour, minute));
  expect([open(0, 18, 59), open(0, 19), open(1, 0), open(1, 6, 59), open(1, 7)]).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect([open(4, 20), open(5, 12), open(6, 23, 59), open(0, 0), open(0, 3)]).toEqual([true, true, true, false, false]);
  expect(nextOpening(schedule, at(2, 12, 30))).toEqual(at(2, 19, 0));
  expect(nextOpening(schedule, at(2, 20, 0))).toBeNull();
});

test('days over the weekend, one day, every day, spaces and capitals', () => {
  expect(isOpenAt(parseSchedule('fri-mon 08:00-09:00'), at(6, 8, 30))).toBe(true);
  expect(isOpenAt(parseSchedule('fri-mon 08:00-09:00'), at(2, 8, 30))).toBe(false);
  expect(isOpenAt(parseSchedule('SUN 22:00-06:00'), at(0, 5, 59))).toBe(true);
  expect(isOpenAt(parseSchedule('  12:00 - 13:00 '), at(3, 12, 0))).toBe(true);
  expect(parseSchedule('mon 8:00-9:00; TUE 8:00-9:00').text).toBe('mon 8:00-9:00, tue 8:00-9:00');
  expect(parseSchedule('mon 00:00-12:00,mon 10:00-14:00').spans).toEqual([{ fromMinute: 0, toMinute: 840 }]);
});

test.each([
  ['', /does not look like/],
  ['mon', /does not look like/],
  ['mon 7-9', /does not look like/],
  ['mon 25:00-26:00', /no clock shows/],
  ['mon 10:60-11:00', /no clock shows/],
  ['mon 24:00-07:00', /write 00:00/],
  ['mon 08:00-08:00', /00:00-24:00/],
  ['moo 08:00-09:00', /names a day/],
  ['mon 08:00-09:00,', /does not look like/],
])('%s is refused with the reason', (text, reason) => {
  expect(() => parseSchedule(text)).toThrow(reason);
});

const part = fc.record({
  first: fc.integer({ min: 0, max: 6 }),
  last: fc.integer({ min: 0, max: 6 }),
  from: fc.integer({ min: 0, max: 1439 }),
  to: fc.integer({ min: 1, max: 1440 }),
});
type Part = typeof part extends fc.Arbitrary<infer T> ? T : never;
const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const written = ({ first, last, from, to }: Part): string => `${days[first]}-${days[last]} ${clock(from)}-${clock(to)}`;

/** What the words say, minute by minute, without any of the parser's shortcuts. */
function isOpenByWords(parts: readonly Part[], minute: number): boolean {
  return parts.some(({ first, last, from, to }) => {
    for (let day = first; ; day = (day + 1) % 7) {
      const begin = day * 1440 + from;
      const length = to > from ? to - from : to + 1440 - from;
      if ((minute - begin + 10_080) % 10_080 < length) return true;
      if (day === last) return false;
    }
  });
}

const parts = fc.array(part, { minLength: 1, maxLength: 4 }).filter((all) => all.every(({ from, to }) => from !== to));

test('a schedule is open exactly in the minutes that its words say', () => {
  fc.assert(
    fc.property(parts, fc.integer({ min: 0, max: 10_079 }), (all, minute) => {
      const schedule = parseSchedule(all.map(written).join(', '));
      const date = new Date(2026, 10, 23, 0, minute);
      expect(isOpenAt(schedule, date)).toBe(isOpenByWords(all, minute));
      expect(parseSchedule(schedule.text)).toEqual(schedule);
    }),
  );
});

test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'])(
  'in %s it follows the clock on the wall over both changes of the year, and its next opening is one',
  (name) => {
    process.env.TZ = name;
    const moment = fc.oneof(
      fc.date({ min: new Date('2026-03-01T00:00:00Z'), max: new Date('2026-04-15T00:00:00Z'), noInvalidDate: true }),
      fc.date({ min: new Date('2026-09-25T00:00:00Z'), max: new Date('2026-11-10T00:00:00Z'), noInvalidDate: true }),
    );
    fc.assert(
      fc.property(parts, moment, (all, date) => {
        const schedule = parseSchedule(all.map(written).join(', '));
        expect(isOpenAt(schedule, date)).toBe(isOpenByWords(all, minuteOfWeek(date)));
        const opening = nextOpening(schedule, date);
        if (opening === null) {
          expect(isOpenAt(schedule, date)).toBe(true);
          return;
        }
        expect(isOpenAt(schedule, opening)).toBe(true);
        expect(isOpenAt(schedule, new Date(opening.getTime() - 60_000))).toBe(false);
        expect(opening.getTime()).toBeGreaterThan(date.getTime());
      }),
      { numRuns: 40 },
    );
  },
);

test('nights around the end of summer time: the repeated hour is open both times', () => {
  process.env.TZ = 'Europe/Berlin';
  const schedule = parseSchedule('sun 02:00-03:00');
  const openMinutes = Array.from({ length: 24 * 60 }, (_, minute) => new Date(Date.UTC(2026, 9, 24, 22, minute)));
  expect(openMinutes.filter((date) => isOpenAt(schedule, date))).toHaveLength(120);
  const spring = Array.from({ length: 23 * 60 }, (_, minute) => new Date(Date.UTC(2026, 2, 28, 23, minute)));
  expect(spring.filter((date) => isOpenAt(schedule, date))).toHaveLength(0);
});
