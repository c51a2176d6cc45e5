import type { Decision } from '../command.ts';
import { decide } from '../decide.ts';
import type { DurableEvent, SchedulerEvent } from '../event.ts';
import { evolveAll } from '../evolve.ts';
import { isDurable } from '../isDurable.ts';

/** What is under test, replaceable piece by piece so that planted faults can prove the checks. */
export interface Rules {
  readonly decide: (...step: Parameters<typeof decide>) => Decision;
  readonly evolveAll: typeof evolveAll;
  readonly isDurable: (event: SchedulerEvent) => event is DurableEvent;
  /** Run effects and answer before the events are on disk. */
  readonly actsBeforeDurable: boolean;
}

export const trueRules: Rules = { decide, evolveAll, isDurable, actsBeforeDurable: false };
