import type { Lending } from './lending.ts';
import { isOpenAt, nextOpening, type Schedule } from './schedule.ts';

/** A second late at most; looking costs nothing. */
const intervalMs = 1_000;

/** Closes and opens the node by the clock on the wall. Returns the way to stop. */
export function watchHours(
  schedule: Schedule,
  lending: Pick<Lending, 'outsideHours'>,
  now = () => new Date(),
): () => void {
  let isOpen: boolean | null = null;
  const look = (): void => {
    const date = now();
    const open = isOpenAt(schedule, date);
    if (open === isOpen) return;
    isOpen = open;
    const until = nextOpening(schedule, date)?.toISOString() ?? null;
    lending.outsideHours(open ? null : { since: date.toISOString(), until });
  };
  const timer = setInterval(look, intervalMs);
  timer.unref();
  look();
  return () => clearInterval(timer);
}
