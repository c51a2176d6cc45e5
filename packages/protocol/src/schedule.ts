/** Minutes of a week by the clock on the wall, Monday 00:00 is 0. */
const minutesOfDay = 24 * 60;
const minutesOfWeek = 7 * minutesOfDay;

/** From inclusive, to exclusive, within one week; a span over the end of Sunday is two of these. */
export interface OpenSpan {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** The hours in which a machine is lent: sorted, without overlaps. */
export interface Schedule {
  readonly text: string;
  readonly spans: readonly OpenSpan[];
}

const days: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Why a schedule cannot be read, as a sentence. */
export class ScheduleError extends Error {}

/**
 * `mon-fri 19:00-07:00, sat-sun 00:00-24:00`: parts with commas (or semicolons) between, each with days (one, or from-to, also over the
 * weekend; none: every day) and hours. Hours that end before they begin go on until the next day.
 * @throws ScheduleError
 */
export function parseSchedule(text: string): Schedule {
  const parts = text.split(/[,;]/).map((part) => part.trim().toLowerCase());
  const spans = parts.flatMap(parsePart);
  return { text: parts.join(', '), spans: merge(spans) };
}

const partPattern = /^(?:([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+)?(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/;

function parsePart(part: string): OpenSpan[] {
  const found = partPattern.exec(part);
  if (found === null) throw new ScheduleError(`"${part}" does not look like mon-fri 19:00-07:00.`);
  const [, firstDay, lastDay, ...clock] = found;
  const [fromHour, fromMinute, toHour, toMinute] = clock.map(Number) as [number, number, number, number];
  const from = timeOf(part, fromHour, fromMinute);
  const to = timeOf(part, toHour, toMinute);
  if (from === minutesOfDay) throw new ScheduleError(`"${part}" begins at 24:00: write 00:00 of the next day.`);
  if (from === to) throw new ScheduleError(`"${part}" has no length: write 00:00-24:00 for a whole day.`);
  const length = to > from ? to - from : to + minutesOfDay - from;
  return daysOf(part, firstDay, lastDay ?? firstDay).flatMap((day) => spanOf(day * minutesOfDay + from, length));
}

function timeOf(part: string, hour: number, minute: number): number {
  const time = hour * 60 + minute;
  if (minute > 59 || time > minutesOfDay) throw new ScheduleError(`"${part}" has a time that no clock shows.`);
  return time;
}

function daysOf(part: string, first: string | undefined, last: string | undefined): number[] {
  if (first === undefined || last === undefined) return days.map((_, day) => day);
  const [from, to] = [first, last].map((name) => days.indexOf(name)) as [number, number];
  if (from < 0 || to < 0) throw new ScheduleError(`"${part}" names a day that is none of ${days.join(', ')}.`);
  const count = ((to - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, offset) => (from + offset) % 7);
}

function spanOf(fromMinute: number, length: number): OpenSpan[] {
  const toMinute = fromMinute + length;
  if (toMinute <= minutesOfWeek) return [{ fromMinute, toMinute }];
  return [
    { fromMinute, toMinute: minutesOfWeek },
    { fromMinute: 0, toMinute: toMinute - minutesOfWeek },
  ];
}

function merge(spans: readonly OpenSpan[]): OpenSpan[] {
  const merged: OpenSpan[] = [];
  for (const span of [...spans].sort((left, right) => left.fromMinute - right.fromMinute)) {
    const last = merged.at(-1);
    if (last === undefined || span.fromMinute > last.toMinute) merged.push(span);
    else merged[merged.length - 1] = { ...last, toMinute: Math.max(last.toMinute, span.toMinute) };
  }
  return merged;
}

/** What the clock on the wall of this machine shows, as minutes of the week. */
export const minuteOfWeek = (date: Date): number =>
  ((date.getDay() + 6) % 7) * minutesOfDay + date.getHours() * 60 + date.getMinutes();

/**
 * Whether the machine is lent at that moment. Asked of the clock on the wall at each moment, never counted ahead: an hour
 * that summer time skips or repeats is open exactly where the clock shows an open time.
 */
export function isOpenAt({ spans }: Schedule, date: Date): boolean {
  const minute = minuteOfWeek(date);
  return spans.some(({ fromMinute, toMinute }) => fromMinute <= minute && minute < toMinute);
}

/** The first whole minute after `date` at which the machine is lent; null where that is never, or already so. */
export function nextOpening(schedule: Schedule, date: Date): Date | null {
  if (isOpenAt(schedule, date)) return null;
  const minute = new Date(date);
  minute.setSeconds(0, 0);
  // A week and the two hours by which summer time may shift it: clocks differ from each other by no rule worth knowing.
  for (let count = 0; count < minutesOfWeek + 120; count += 1) {
    minute.setTime(minute.getTime() + 60_000);
    if (isOpenAt(schedule, minute)) return minute;
  }
  return null;
}
