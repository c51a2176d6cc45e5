import { FarmError, type LeaseKey, type OfferAnswer, type PauseMode, type TaskOffer } from '@reelmill/protocol';
import type { Logger } from 'pino';

/** What a running attempt may do to its slot. */
export interface AttemptControl {
  /** Aborted with a FarmError as reason. */
  readonly signal: AbortSignal;
  /** The encode is over: the slot may take its next task. Waits while too many results are still on their way out. */
  releaseSlot(): Promise<void>;
  /** The result is stored, only its verdict is waited for: nothing is left to stop. */
  reporting(): void;
}

/** What closing the slots stopped. */
export interface Stopped {
  /** Leases that are the coordinator's again. */
  readonly givenBack: LeaseKey[];
  /** Resolves when no encoder of them runs any more. */
  readonly ended: Promise<void>;
}

export interface SlotsOptions {
  readonly slots: number;
  readonly log: Logger;
  /** One attempt from start to the coordinator's verdict. Must not reject. */
  run(offer: TaskOffer, control: AttemptControl): Promise<void>;
}

export interface Slots {
  readonly count: number;
  /** Offers it lets wait beyond its slots. */
  readonly waitingOffers: number;
  offer(offer: TaskOffer): OfferAnswer;
  /** Stops an attempt that no longer counts. */
  cancel(key: LeaseKey): void;
  /** Gives an offer back that still waits; false where it has begun, or is not known. */
  recall(key: LeaseKey): boolean;
  /** Every lease this process still owes an answer for: waiting, running, uploading, reporting. */
  held(): LeaseKey[];
  /** Takes nothing until `open`. What waits is given back; with `now` what runs, too, is stopped and given back. */
  close(mode: PauseMode): Stopped;
  open(): void;
  /** Takes nothing any more, stops everything, resolves when all attempts have ended. */
  stop(reason: FarmError): Promise<void>;
}

interface Attempt {
  readonly offer: TaskOffer;
  readonly abort: AbortController;
  state: 'waiting' | 'in-slot' | 'going-out' | 'reporting';
  /** Stopped, still ending: its lease is not this node's any more. */
  isGivenBack: boolean;
  done: Promise<void>;
}

const keyText = (key: LeaseKey): string => `${key.taskId}#${key.attempt}`;

/** Offers per slot that wait for it: enough for seconds of short tasks. */
const waitingPerSlot = 8;

/**
 * Runs up to `slots` attempts at once, and one of sound beside them, in the order of their offers. Others wait, so that a
 * slot never idles for a round trip, and as many as there are slots may be uploading: the bound keeps a slow store from
 * filling the disk.
 */
export function createSlots(options: SlotsOptions): Slots {
  const attempts = new Map<string, Attempt>();
  const outgoingLimit = options.slots + 1;
  const waitingOffers = options.slots * waitingPerSlot;
  // The coordinator may hear of a free slot before the agent has emptied it: an offer a slot is room for that.
  const mostWanting = options.slots * 2 + waitingOffers;
  let outgoingWaiters: (() => void)[] = [];
  let stopReason: FarmError | null = null;
  let isClosed = false;

  /** One sound task runs beside the slots (the coordinator counts the same way). */
  const slotsOf = (some: readonly Attempt[]): number =>
    some.length - Math.min(1, some.filter(({ offer }) => offer.kind === 'audio').length);

  const inState = (state: Attempt['state']): Attempt[] => [...attempts.values()].filter((one) => one.state === state);

  const startWaiting = (): void => {
    for (const attempt of inState('waiting')) {
      if (slotsOf([...inState('in-slot'), attempt]) > options.slots) continue;
      attempt.state = 'in-slot';
      attempt.done = run(attempt);
    }
  };

  const run = async (attempt: Attempt): Promise<void> => {
    try {
      await options.run(attempt.offer, {
        signal: attempt.abort.signal,
        releaseSlot: () => releaseSlot(attempt),
        reporting() {
          attempt.state = 'reporting';
          wakeOutgoing();
        },
      });
    } catch (cause) {
      options.log.error({ err: cause, taskId: attempt.offer.taskId }, 'an attempt ended without an outcome');
    } finally {
      attempts.delete(keyText(attempt.offer));
      wakeOutgoing();
      startWaiting();
    }
  };

  const releaseSlot = async (attempt: Attempt): Promise<void> => {
    while (inState('going-out').length >= outgoingLimit && !attempt.abort.signal.aborted) {
      await new Promise<void>((resolve) => {
        outgoingWaiters.push(resolve);
        attempt.abort.signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    attempt.state = 'going-out';
    startWaiting();
  };

  const wakeOutgoing = (): void => {
    const waiters = outgoingWaiters;
    outgoingWaiters = [];
    for (const wake of waiters) wake();
  };

  const stopAttempt = (attempt: Attempt, reason: FarmError): void => {
    attempt.abort.abort(reason);
    if (attempt.state === 'waiting') attempts.delete(keyText(attempt.offer));
  };

  const giveBack = (attempt: Attempt): LeaseKey => {
    attempt.isGivenBack = true;
    stopAttempt(attempt, new FarmError('INTERRUPTED', { message: 'The machine was taken back.' }));
    return { taskId: attempt.offer.taskId, attempt: attempt.offer.attempt };
  };

  /** A newer attempt of the same task is the fence: the older one works for nothing. */
  const stopOlder = (offer: TaskOffer): void => {
    for (const attempt of attempts.values()) {
      if (attempt.offer.taskId === offer.taskId) stopAttempt(attempt, new FarmError('LEASE_LOST'));
    }
  };

  return {
    count: options.slots,
    waitingOffers,
    offer(offer) {
      if (attempts.get(keyText(offer))?.isGivenBack === false) return { accepted: true };
      if (stopReason !== null) return refuse('This node is leaving.');
      if (isClosed) return refuse('This node takes nothing now.');
      stopOlder(offer);
      const fresh = { state: 'waiting', isGivenBack: false, done: Promise.resolve() } as const;
      const attempt: Attempt = { offer, abort: new AbortController(), ...fresh };
      const wanting = slotsOf([...inState('in-slot'), ...inState('waiting'), attempt]);
      if (wanting > mostWanting) return refuse(`All ${options.slots} slots of this node are taken.`);
      attempts.set(keyText(offer), attempt);
      // After the answer: the coordinator must see its ack before any progress of the attempt.
      setImmediate(startWaiting);
      return { accepted: true };
    },
    cancel(key) {
      const attempt = attempts.get(keyText(key));
      if (attempt !== undefined)
        stopAttempt(attempt, new FarmError('LEASE_LOST', { message: 'The lease was revoked.' }));
    },
    recall(key) {
      const isWaiting = attempts.get(keyText(key))?.state === 'waiting';
      if (isWaiting) attempts.delete(keyText(key));
      return isWaiting;
    },
    held: () =>
      [...attempts.values()]
        .filter(({ isGivenBack }) => !isGivenBack)
        .map(({ offer }) => ({ taskId: offer.taskId, attempt: offer.attempt })),
    close(mode) {
      isClosed = true;
      const open = [...attempts.values()].filter(({ isGivenBack, state }) => !isGivenBack && state !== 'reporting');
      const givenBack = open.filter(({ state }) => mode === 'now' || state === 'waiting').map(giveBack);
      const ending = [...attempts.values()].filter(({ isGivenBack }) => isGivenBack);
      return { givenBack, ended: Promise.all(ending.map(({ done }) => done)).then(() => undefined) };
    },
    open() {
      isClosed = false;
    },
    async stop(reason) {
      stopReason = reason;
      const running = [...attempts.values()];
      for (const attempt of running) stopAttempt(attempt, reason);
      await Promise.all(running.map((attempt) => attempt.done));
    },
  };
}

const refuse = (message: string): OfferAnswer => ({
  accepted: false,
  error: new FarmError('NODE_REFUSED', { message }).toData(),
});
