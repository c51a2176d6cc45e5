import { setTimeout as delay } from 'node:timers/promises';
import { FarmError } from '@reelmill/protocol';
import { canceled } from './storageErrors.ts';

/** How often and how patiently transport is repeated. Tasks are repeated by the scheduler only. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly tries: number;
  readonly firstDelayMs: number;
  readonly maximumDelayMs: number;
  /** 0 ≤ x < 1; spreads the retries of many nodes. */
  readonly random: () => number;
  /** Told about every failure that will be retried, for the log. */
  readonly onRetry: (error: FarmError, attempt: number) => void;
}

export const defaultRetryPolicy: RetryPolicy = {
  tries: 6,
  firstDelayMs: 250,
  maximumDelayMs: 8_000,
  random: Math.random,
  onRetry: () => undefined,
};

/** Waits between half and all of an exponentially growing delay. `attempt` counts from 1. */
export function backoffDelayMs(policy: RetryPolicy, attempt: number): number {
  const full = Math.min(policy.firstDelayMs * 2 ** (attempt - 1), policy.maximumDelayMs);
  return full * (0.5 + policy.random() / 2);
}

/** True for errors of the way, not of the request: another try may succeed. */
export const isTransportError = (error: FarmError): boolean =>
  error.code === 'STORAGE_UNREACHABLE' || (error.code === 'STORAGE_CORRUPT' && error.details.local !== true);

/**
 * Runs `work` until it succeeds, fails for good, or the tries are used up. `work` throws `FarmError` only.
 * @throws FarmError of the last try; CANCELED once `signal` aborts
 */
export async function withRetries<T>(
  work: (attempt: number) => Promise<T>,
  options: { signal?: AbortSignal | undefined; policy?: Partial<RetryPolicy> | undefined } = {},
): Promise<T> {
  const policy = { ...defaultRetryPolicy, ...options.policy };
  for (let attempt = 1; ; attempt += 1) {
    if (options.signal?.aborted) throw canceled(options.signal.reason);
    try {
      return await work(attempt);
    } catch (thrown) {
      if (!(thrown instanceof FarmError) || !isTransportError(thrown) || attempt >= policy.tries) throw thrown;
      policy.onRetry(thrown, attempt);
      await pause(backoffDelayMs(policy, attempt), options.signal);
    }
  }
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(delayMs, undefined, signal ? { signal } : {});
  } catch (cause) {
    throw canceled(cause);
  }
}
