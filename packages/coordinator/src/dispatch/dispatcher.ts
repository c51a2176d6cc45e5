import { BugError, FarmError, toFarmError } from '@reelmill/protocol';
import {
  type Command,
  type Decision,
  decide,
  type Effect,
  evolve,
  evolveAll,
  initialState,
  isDurable,
  type SchedulerEvent,
  type SchedulerLimits,
  type SchedulerState,
  type Verdict,
} from '@reelmill/scheduler';
import type { Logger } from 'pino';
import { journalCrashPoints } from '../crashPoints.ts';
import type { Journal } from '../journal/journal.ts';

/** A command without its times: the dispatcher stamps them when it decides. */
export type TimelessCommand = Command extends infer One
  ? One extends Command
    ? Omit<One, 'at' | 'iso'>
    : never
  : never;

export interface DispatcherOptions {
  readonly journal: Pick<Journal, 'append' | 'load'>;
  readonly limits: SchedulerLimits;
  readonly logger: Logger;
  /** Monotonic milliseconds: wall clocks jump. */
  clock(): number;
  /** Wall time for people. */
  iso(): string;
  /** What is written beside an event, for people; default: nothing. */
  stamp?(event: SchedulerEvent, iso: string): SchedulerEvent;
  /** Called in order, after the events are durable and applied; not for heartbeats alone. Must not throw. */
  onEvents(events: readonly SchedulerEvent[], iso: string): void;
  /** Starts an effect; its outcome comes back as a command. Must not throw. */
  runEffect(effect: Effect): void;
}

/**
 * The single writer: command → decide → append → evolve → effects. Commands that wait while a commit runs are decided
 * together and share the next one.
 */
export interface Dispatcher {
  state(): SchedulerState;
  /** Resolves once the decision's events are durable and applied; rejects when the journal refuses (DISK_FULL). */
  run(command: TimelessCommand): Promise<Decision>;
  /** Decides at once. Volatile events are applied without the journal; a decision with durable ones is queued instead. */
  runVolatile(command: TimelessCommand): void;
  /** Rebuilds the state from the journal, then decides `boot`. */
  boot(): Promise<void>;
  /** Ends after everything queued is durable; later commands reject. */
  close(): Promise<void>;
}

interface Queued {
  readonly command: TimelessCommand;
  resolve(decision: Decision): void;
  reject(error: FarmError): void;
}
interface Decided {
  readonly queued: Queued;
  /** The state that was decided on. */
  readonly base: SchedulerState;
  readonly decision: Verdict;
  readonly iso: string;
}

const eventsOf = (decision: Decision): readonly SchedulerEvent[] =>
  decision.kind === 'accepted' ? decision.events : [];

/** Most commands one commit may hold: keeps the answer time of the first bounded under a flood. */
const batchLimit = 500;
/** Longest time that is decided in one go: heartbeats and windows get their turns between. */
const batchMs = 20;

/** How old the wall time of a volatile event may be. */
const roughMs = 50;

/** Whether it changes anything that is shown or kept outside the scheduler. */
const isNews = ({ type }: SchedulerEvent): boolean =>
  type !== 'clock-advanced' && type !== 'node-seen' && type !== 'lease-renewed';

/** Makes the single writer of one coordinator. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  let state = initialState;
  let queue: Queued[] = [];
  let draining: Promise<void> | null = null;
  let closed = false;

  const stamp = (command: TimelessCommand): Command =>
    ({ ...command, at: options.clock(), iso: options.iso() }) as Command;

  const stamped = (decision: Verdict, iso: string): Verdict => {
    const { stamp: write } = options;
    if (decision.kind === 'rejected' || write === undefined) return decision;
    return { ...decision, events: decision.events.map((event) => write(event, iso)) };
  };

  let recent = { iso: '', untilMs: Number.NEGATIVE_INFINITY };
  /** Heartbeats come by the thousand a second, and nobody reads when. */
  const stampRoughly = (command: TimelessCommand): Command => {
    const at = options.clock();
    if (at >= recent.untilMs) recent = { iso: options.iso(), untilMs: at + roughMs };
    return { ...command, at, iso: recent.iso } as Command;
  };

  /** Takes from the queue what fits into one commit. */
  const decideBatch = (): Decided[] => {
    let tentative = state;
    const decided: Decided[] = [];
    const batch = queue;
    queue = [];
    const startedMs = options.clock();
    let taken = 0;
    for (const queued of batch) {
      if (taken === batchLimit || (taken > 0 && options.clock() - startedMs > batchMs)) break;
      taken += 1;
      try {
        const base = tentative;
        const command = stamp(queued.command);
        const decision = stamped(decide(base, command, options.limits), command.iso);
        if (decision.kind === 'accepted') tentative = decision.next;
        decided.push({ queued, base, decision, iso: command.iso });
      } catch (cause) {
        options.logger.error({ err: cause, command: queued.command.type }, 'the scheduler threw');
        queued.reject(toFarmError(cause));
      }
    }
    queue = [...batch.slice(taken), ...queue];
    return decided;
  };

  /** Where volatile events came between, the same events are applied to what they made of the state. */
  const apply = ({ base, decision, iso }: Omit<Decided, 'queued'>): void => {
    if (decision.kind !== 'accepted') return;
    if (state === base) state = decision.next;
    else for (const event of decision.events) state = evolve(state, event);
    if (decision.events.some(isNews)) options.onEvents(decision.events, iso);
    for (const effect of decision.effects) options.runEffect(effect);
  };

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const decided = decideBatch();
      const durable = decided.flatMap(({ decision }) => eventsOf(decision).filter(isDurable));
      try {
        journalCrashPoints(durable, 'before');
        await options.journal.append(durable);
        journalCrashPoints(durable, 'after');
      } catch (cause) {
        const error = toFarmError(cause);
        options.logger.error({ err: error }, 'the journal refused events: nothing of this batch happened');
        for (const { queued } of decided) queued.reject(error);
        continue;
      }
      for (const one of decided) {
        apply(one);
        one.queued.resolve(one.decision);
      }
    }
  };

  const startDraining = (): void => {
    if (draining !== null) return;
    // A turn later, so that commands issued together share one commit.
    draining = Promise.resolve()
      .then(drain)
      .catch((cause) => options.logger.fatal({ err: cause }, 'the dispatch loop broke'))
      .finally(() => {
        draining = null;
        if (queue.length > 0) startDraining();
      });
  };

  const run = (command: TimelessCommand): Promise<Decision> => {
    if (closed) return Promise.reject(new FarmError('INTERRUPTED', { message: 'The coordinator is closing.' }));
    return new Promise((resolve, reject) => {
      queue.push({ command, resolve, reject });
      startDraining();
    });
  };

  return {
    state: () => state,
    run,
    runVolatile(command) {
      const base = state;
      const timed = stampRoughly(command);
      const decision = decide(base, timed, options.limits);
      if (eventsOf(decision).some(isDurable)) {
        run(command).catch((cause) => options.logger.error({ err: cause }, 'a queued command was lost'));
        return;
      }
      apply({ base, decision, iso: timed.iso });
    },
    async boot() {
      if (state !== initialState) throw new BugError('a dispatcher boots once');
      for await (const events of options.journal.load()) state = evolveAll(state, events);
      await run({ type: 'boot' });
    },
    async close() {
      closed = true;
      while (draining !== null) await draining;
    },
  };
}
