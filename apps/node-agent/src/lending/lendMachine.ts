import type { PauseMode, StandingReport } from '@reelmill/protocol';
import type { Logger } from 'pino';
import type { DataFolder } from '../dataFolder.ts';
import type { LifecyclePrinter } from '../lifecycle.ts';
import type { Slots } from '../slots.ts';
import type { ChildRegister } from '../sweep.ts';
import { openControlDoor } from './controlDoor.ts';
import { createCpuLimiter } from './cpuLimit.ts';
import { createFarmHours, type FarmHours } from './farmHours.ts';
import { createLending, type Lending } from './lending.ts';
import type { LendingSettings } from './lendingOptions.ts';
import { priorityBook } from './priority.ts';
import { createUseReader } from './useReader.ts';
import { watchHours } from './watchHours.ts';
import { watchUse } from './watchUse.ts';

export interface LendOptions {
  readonly settings: LendingSettings;
  readonly folder: DataFolder;
  readonly log: Logger;
  readonly tell: LifecyclePrinter;
  readonly signal: AbortSignal;
  readonly slots: Pick<Slots, 'close' | 'open'>;
  stopOthers(): void;
  send(read: () => StandingReport, signal: AbortSignal): Promise<void>;
}

/** One machine as its owner lends it: when, how much of it, and the way to take it back. */
export interface LentMachine extends Omit<Lending, 'farmHours'> {
  hoursByFarm(hours: Parameters<FarmHours['order']>[0]): void;
  /** Are told of each encoder: its priority, its share. */
  readonly books: readonly ChildRegister[];
  /** After the last encoder has ended. */
  end(): Promise<void>;
}

/** @throws FarmError USAGE where this system cannot do what was asked. */
export async function lendMachine(options: LendOptions): Promise<LentMachine> {
  const { settings, folder, log } = options;
  const { schedule, easeOff, cpuLimitPercent, priority } = settings;
  const atEdge: PauseMode = settings.atEdge;
  const reader = easeOff === 'off' ? null : createUseReader(easeOff, process.pid);
  const limiter =
    cpuLimitPercent === null
      ? null
      : await createCpuLimiter({ percent: cpuLimitPercent, name: `reelmill-${folder.nodeId}`, log });
  const lending = createLending({ ...options, folder: folder.path, atEdge, slots: () => options.slots });
  const door = await openControlDoor(folder.path, lending);
  const stopHours = schedule === null ? null : watchHours(schedule, lending.outsideHours);
  const farmHours = createFarmHours(lending, log);
  const stopUse = reader === null || easeOff === 'off' ? null : watchUse({ easeOff, reader, lending, log });
  return {
    ...lending,
    hoursByFarm: (hours) => farmHours.order(hours),
    forgetFarm() {
      farmHours.order(null);
      lending.forgetFarm();
    },
    books: [priorityBook(priority, log), ...(limiter === null ? [] : [limiter])],
    async end() {
      stopHours?.();
      farmHours.stop();
      stopUse?.();
      door.close();
      await limiter?.close();
    },
  };
}
