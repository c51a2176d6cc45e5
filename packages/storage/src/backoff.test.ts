import { FarmError } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { backoffDelayMs, defaultRetryPolicy, isTransportError, withRetries } from './backoff.ts';
import { codeOf } from './conformanceTools.ts';

const quick = { firstDelayMs: 0, tries: 4 };
const unreachable = (): FarmError => new FarmError('STORAGE_UNREACHABLE');

test('delays double up to a maximum and are spread by half', () => {
  const low = { ...defaultRetryPolicy, random: () => 0 };
  const high = { ...defaultRetryPolicy, random: () => 0.999_999 };
  expect([1, 2, 3, 4, 5, 6, 7, 20].map((attempt) => backoffDelayMs(low, attempt))).toEqual([
    125, 250, 500, 1000, 2000, 4000, 4000, 4000,
  ]);
  expect([1, 6, 20].map((attempt) => Math.round(backoffDelayMs(high, attempt)))).toEqual([250, 8000, 8000]);
});

test('errors of the way are tried again until one try succeeds, and each is told', async () => {
  const told: number[] = [];
  const policy = { ...quick, onRetry: (_error: FarmError, attempt: number) => told.push(attempt) };
  const result = await withRetries(
    async (attempt) => {
      if (attempt < 3) throw unreachable();
      return attempt;
    },
    { policy },
  );
  expect(result).toBe(3);
  expect(told).toEqual([1, 2]);
});

test('when the tries are used up the last error is thrown', async () => {
  let tries = 0;
  const work = withRetries(
    async () => {
      tries += 1;
      throw unreachable();
    },
    { policy: quick },
  );
  expect(await codeOf(work)).toBe('STORAGE_UNREACHABLE');
  expect(tries).toBe(4);
});

test.each(['STORAGE_REFUSED', 'NOT_FOUND', 'DISK_FULL', 'SOURCE_CHANGED', 'CANCELED'] as const)(
  '%s is not tried again',
  async (code) => {
    let tries = 0;
    const work = withRetries(
      async () => {
        tries += 1;
        throw new FarmError(code);
      },
      { policy: quick },
    );
    expect(await codeOf(work)).toBe(code);
    expect(tries).toBe(1);
  },
);

test('a local file that changed is not an error of the way', () => {
  expect(isTransportError(new FarmError('STORAGE_CORRUPT'))).toBe(true);
  expect(isTransportError(new FarmError('STORAGE_CORRUPT', { details: { local: true } }))).toBe(false);
});

test('canceling ends the pause at once', async () => {
  const stopper = new AbortController();
  const policy = { firstDelayMs: 3_600_000, maximumDelayMs: 3_600_000, onRetry: () => stopper.abort() };
  const work = withRetries(() => Promise.reject(unreachable()), { signal: stopper.signal, policy });
  expect(await codeOf(work)).toBe('CANCELED');
});
