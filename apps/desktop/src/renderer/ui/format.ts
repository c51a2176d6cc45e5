/** What is shown where a machine reports nothing. Never 0, never "null". */
export const unknown = '—';

const isNumber = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

export function wholeNumber(value: number | null | undefined): string {
  return isNumber(value) ? Math.round(value).toLocaleString('en-GB') : unknown;
}

/** `1 job`, `2 jobs`. */
export const counted = (count: number, noun: string): string =>
  `${wholeNumber(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Frames per second: one decimal below 10, so that slow jobs still move. */
export function framesPerSecond(value: number | null | undefined): string {
  if (!isNumber(value) || value <= 0) return unknown;
  return value < 9.95 ? value.toFixed(1) : Math.round(value).toString();
}

/** Multiple of real time. */
export function speed(value: number | null | undefined): string {
  return isNumber(value) && value > 0 ? `${value.toFixed(value < 10 ? 1 : 0)}×` : unknown;
}

/** Whole percent; 100 belongs to finished jobs alone. */
export function percent(value: number | null | undefined, finished: boolean): string {
  if (!isNumber(value)) return unknown;
  return finished ? '100' : Math.min(99, Math.floor(value)).toString();
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function bytes(value: number | null | undefined): string {
  if (!isNumber(value)) return unknown;
  const power = value < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${power === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${byteUnits[power]}`;
}

export const bytesPerSecond = (value: number | null | undefined): string =>
  isNumber(value) ? `${bytes(value)}/s` : unknown;

/** Rounds up to the steps people read: 5 s, 1, 5 or 15 minutes. */
function roundedSeconds(seconds: number): number {
  const step = seconds < 60 ? 5 : seconds < 15 * 60 ? 60 : seconds < 3600 ? 300 : 900;
  return Math.max(step, Math.ceil(seconds / step) * step);
}

/** A range of time left: `9–12 min`, `40–55 s`, `1 h 15–1 h 30`. */
export function timeLeft(eta: { fromSeconds: number; toSeconds: number } | null): string {
  if (!eta || !isNumber(eta.fromSeconds) || !isNumber(eta.toSeconds)) return unknown;
  const [from, to] = [roundedSeconds(eta.fromSeconds), roundedSeconds(eta.toSeconds)];
  if (to < 60) return from === to ? `${to} s` : `${from}–${to} s`;
  if (to < 3600) {
    const [low, high] = [Math.max(1, Math.round(from / 60)), Math.round(to / 60)];
    return low === high ? `${high} min` : `${low}–${high} min`;
  }
  return from === to ? hours(to) : `${hours(from)}–${hours(to)}`;
}

function hours(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}

/** `00:01:35.480` for a position or a length. */
export function clockLength(seconds: number | null): string {
  if (!isNumber(seconds)) return unknown;
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const fraction = Math.floor((seconds - whole) * 1000);
  return `${parts.map((part) => String(part).padStart(2, '0')).join(':')}.${String(fraction).padStart(3, '0')}`;
}

/** Time worked so far: `0:07`, `12:40`, `1:02:09`. */
export function stopwatch(seconds: number | null): string {
  if (!isNumber(seconds)) return unknown;
  const whole = Math.floor(seconds);
  const [hour, minute, second] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(second).padStart(2, '0');
  return hour > 0 ? `${hour}:${String(minute).padStart(2, '0')}:${tail}` : `${minute}:${tail}`;
}

/** Local day and time, `21 Nov, 18:00`. */
export function dayAndTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return unknown;
  return date.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** Local time of day, `14:02:11`. */
export function timeOfDay(at: number | string | null): string {
  if (at === null) return unknown;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? unknown : date.toLocaleTimeString('en-GB');
}
