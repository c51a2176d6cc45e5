import { EaseOff, type LendingTerms, PauseMode, parseSchedule, type Schedule, ScheduleError } from '@reelmill/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PriorityClass } from './priority.ts';

/** How a borrowed machine is lent. */
export interface LendingSettings {
  /** Null: at all hours. */
  readonly schedule: Schedule | null;
  readonly easeOff: EaseOff;
  /** What becomes of running tasks when hours end or someone comes. */
  readonly atEdge: PauseMode;
  /** Of all processors together; null: no limit. */
  readonly cpuLimitPercent: number | null;
  readonly priority: PriorityClass;
}

export interface LendingFlags {
  schedule?: Schedule;
  easeOff: EaseOff;
  atEdge: PauseMode;
  cpuLimit?: number;
  priority?: PriorityClass;
}

function schedule(text: string): Schedule {
  try {
    return parseSchedule(text);
  } catch (cause) {
    if (cause instanceof ScheduleError) throw new InvalidArgumentError(cause.message);
    throw cause;
  }
}

function percent(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (!Number.isFinite(value) || value < 1 || value > 100)
    throw new InvalidArgumentError('It must be a share of all processors from 1% to 100%.');
  return value;
}

/** Adds `--schedule`, `--ease-off`, `--at-edge`, `--cpu-limit` and `--priority`. */
export const withLendingOptions = (command: Command): Command =>
  command
    .option('--schedule <hours>', 'lend only then, as "mon-fri 19:00-07:00, sat-sun 00:00-24:00"', schedule)
    .addOption(
      new Option('--ease-off <when>', 'take nothing while others load the machine, or while someone types')
        .choices(EaseOff.options)
        .default('off'),
    )
    .addOption(
      new Option('--at-edge <what>', 'when hours end or someone comes: let running chunks end, or stop them')
        .choices(PauseMode.options)
        .default('after-chunk'),
    )
    .option('--cpu-limit <percent>', 'most of all processors together for encoders, as 50%', percent)
    .addOption(
      new Option('--priority <class>', 'of encoders (default: below-normal where one of the above is given)').choices([
        'normal',
        'below-normal',
        'low',
      ]),
    );

/** What the flags say together. */
export function lendingOf({ schedule, easeOff, atEdge, cpuLimit, priority }: LendingFlags): LendingSettings {
  const isBorrowed = schedule !== undefined || easeOff !== 'off' || cpuLimit !== undefined;
  return {
    schedule: schedule ?? null,
    easeOff,
    atEdge,
    cpuLimitPercent: cpuLimit ?? null,
    priority: priority ?? (isBorrowed ? 'below-normal' : 'normal'),
  };
}

/** What the farm is told of it. */
export const termsOf = ({ schedule, easeOff, cpuLimitPercent }: LendingSettings): LendingTerms => ({
  schedule: schedule?.text ?? null,
  easeOff,
  cpuLimitPercent,
});
