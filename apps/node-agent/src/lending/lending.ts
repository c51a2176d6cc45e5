import type {
  CpuBack,
  LeaseKey,
  NodeClosure,
  NodeHours,
  NodePause,
  PauseMode,
  StandingReport,
} from '@reelmill/protocol';
import type { Logger } from 'pino';
import type { LifecyclePrinter } from '../lifecycle.ts';
import type { Slots } from '../slots.ts';
import { type Causes, closureOf, modeOf, noCauses } from './closure.ts';
import { type LocalPause, readPause, writePause } from './pauseFile.ts';
import { createStandingOutbox } from './standingOutbox.ts';

export interface LendingOptions {
  /** The agent's own folder: the pause ordered at this machine lives there. */
  readonly folder: string;
  /** What becomes of running tasks when hours end or someone comes. */
  readonly atEdge: PauseMode;
  readonly log: Logger;
  readonly tell: LifecyclePrinter;
  readonly signal: AbortSignal;
  slots(): Pick<Slots, 'close' | 'open'>;
  /** Ends what runs beside tasks. */
  stopOthers(): void;
  send(read: () => StandingReport, signal: AbortSignal): Promise<void>;
}

/** What people at the machine may ask. */
export interface LendingStatus {
  readonly closure: NodeClosure | null;
  /** The farm's pause, which only the farm ends. */
  readonly pausedByFarm: NodePause | null;
  readonly cpuBack: CpuBack | null;
}

/** Whether this machine is lent just now: gathers the causes that close the node, and acts on the strictest. */
export interface Lending {
  isClosed(): boolean;
  closure(): NodeClosure | null;
  givenBack(): LeaseKey[];
  status(): LendingStatus;
  /** Resolves when, with `now`, no encoder runs any more. Survives restarts. */
  pauseHere(pause: LocalPause | null): Promise<void>;
  pauseByFarm(pause: NodePause | null): void;
  /** Another connection, perhaps another coordinator: it tells its pause again. */
  forgetFarm(): void;
  /** The hours that the farm set, and whether it is outside of them now: both are said in one message. */
  farmHours(hours: NodeHours | null, outside: Causes['outsideFarmHours']): void;
  /** The schedule of the farm's that is followed. */
  farmSchedule(): string | null;
  outsideHours(hours: Causes['outsideHours']): void;
  inUse(use: Causes['inUse']): void;
}

/** Makes the lending of one agent; a pause left by an earlier one is in force at once. */
export function createLending(options: LendingOptions): Lending {
  const { folder, log, tell, signal } = options;
  let causes: Causes = { ...noCauses, pausedHere: readPause(folder) };
  let latest: CpuBack | null = null;
  let told = '';
  const outbox = createStandingOutbox({
    log,
    signal,
    send: options.send,
    standing: () => ({ closure: closureOf(causes), farmHours: causes.farmHours?.schedule ?? null }),
  });

  const stop = async (requestedAtMs: number): Promise<void> => {
    options.stopOthers();
    const { givenBack, ended } = options.slots().close('now');
    outbox.gaveBack(givenBack);
    outbox.tell();
    if (givenBack.length === 0) return ended;
    await ended;
    const milliseconds = Math.round(performance.now() - requestedAtMs);
    latest = { milliseconds, attempts: givenBack.length, at: new Date().toISOString() };
    tell({ type: 'cpu-back', ...latest });
    outbox.freed(latest);
    outbox.tell();
  };

  /** Idempotent: called for every change, acts on what is in force now. */
  const settle = (): Promise<void> => {
    const requestedAtMs = performance.now();
    const mode = modeOf(causes, options.atEdge);
    const closure = closureOf(causes);
    const text = JSON.stringify([mode, closure]);
    if (text !== told) tell({ type: 'standing', closure, pausedByFarm: causes.pausedByFarm !== null });
    told = text;
    if (mode === 'now') return stop(requestedAtMs);
    if (mode === null) options.slots().open();
    else outbox.gaveBack(options.slots().close('after-chunk').givenBack);
    outbox.tell();
    return Promise.resolve();
  };

  const change = (some: Partial<Causes>): Promise<void> => {
    const before = JSON.stringify(causes);
    causes = { ...causes, ...some };
    return JSON.stringify(causes) === before ? Promise.resolve() : settle();
  };
  if (causes.pausedHere !== null) void settle();

  return {
    isClosed: () => modeOf(causes, options.atEdge) !== null,
    closure: () => closureOf(causes),
    givenBack: () => outbox.givenBack(),
    status: () => ({ closure: closureOf(causes), pausedByFarm: causes.pausedByFarm, cpuBack: latest }),
    pauseHere(pausedHere) {
      writePause(folder, pausedHere);
      return change({ pausedHere });
    },
    pauseByFarm: (pausedByFarm) => void change({ pausedByFarm }),
    forgetFarm: () => void change({ pausedByFarm: null, farmHours: null, outsideFarmHours: null }),
    farmHours: (farmHours, outsideFarmHours) => void change({ farmHours, outsideFarmHours }),
    farmSchedule: () => causes.farmHours?.schedule ?? null,
    outsideHours: (outsideHours) => void change({ outsideHours }),
    inUse: (inUse) => void change({ inUse }),
  };
}
