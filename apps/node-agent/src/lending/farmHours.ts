import { type NodeHours, parseSchedule, type Schedule, ScheduleError } from '@reelmill/protocol';
import type { Logger } from 'pino';
import type { Lending } from './lending.ts';
import { watchHours } from './watchHours.ts';

/** Keeps the hours that the farm set for this machine, by its own clock. */
export interface FarmHours {
  /** Told again and again: what is known already changes nothing. */
  order(hours: NodeHours | null): void;
  stop(): void;
}

/** Hours that cannot be read are not confirmed: the farm gives nothing to a node before it follows them. */
export function createFarmHours(lending: Pick<Lending, 'farmHours'>, log: Logger): FarmHours {
  let known: string | null = null;
  let stop: (() => void) | null = null;
  return {
    order(hours) {
      const text = JSON.stringify(hours);
      if (text === known) return;
      const schedule = hours === null ? null : readable(hours, log);
      known = text;
      stop?.();
      stop = null;
      if (hours === null || schedule === null) lending.farmHours(null, null);
      else stop = watchHours(schedule, (outside) => lending.farmHours(hours, outside && { ...outside, by: hours.by }));
    },
    stop: () => stop?.(),
  };
}

function readable({ schedule }: NodeHours, log: Logger): Schedule | null {
  try {
    return parseSchedule(schedule);
  } catch (cause) {
    if (!(cause instanceof ScheduleError)) throw cause;
    log.error({ err: cause, schedule }, 'the hours that the farm set cannot be read');
    return null;
  }
}
