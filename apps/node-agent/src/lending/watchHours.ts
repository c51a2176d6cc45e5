import { isOpenAt, nextOpening, type Schedule } from '@reelmill/protocol';
import type { Outside } from './closure.ts';

/** A second late at most; looking costs nothing. */
const intervalMs = 1_000;

/** Says at once, and from then on by the clock on the wall, whether it is outside the hours. Returns the way to stop. */
export function watchHours(
  schedule: Schedule,
  say: (outside: Outside | null) => void,
  now = () => new Date(),
): () => void {
  let isOpen: boolean | null = null;
  const look = (): void => {
    const date = now();
    const open = isOpenAt(schedule, date);
    if (open === isOpen) return;
    isOpen = open;
    const until = nextOpening(schedule, date)?.toISOString() ?? null;
    say(open ? null : { since: date.toISOString(), until });
  };
  const timer = setInterval(look, intervalMs);
  timer.unref();
  look();
  return () => clearInterval(timer);
}
