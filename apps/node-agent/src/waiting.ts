import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after the time, rejects when the signal is aborted. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await delay(ms, undefined, { signal });
};

/** A state that can be waited for. */
export class Signal {
  #isSet = false;
  #waiters = new Set<() => void>();

  set(): void {
    this.#isSet = true;
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  clear(): void {
    this.#isSet = false;
  }

  /** Resolves at once when set; rejects with the reason when the signal is aborted first. */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#isSet) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal.reason);
    this.#waiters.add(resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(resolve);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
