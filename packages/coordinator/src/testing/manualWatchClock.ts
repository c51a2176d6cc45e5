import type { WatchClock } from '../watch/watchClock.ts';

export interface ManualWatchClock extends WatchClock {
  /** Lets so many seconds pass and every watched folder look once; resolves when they have. */
  pass(seconds: number): Promise<void>;
}

/** Time of watched folders that stands still until a test moves it. */
export function createManualWatchClock(): ManualWatchClock {
  const rounds = new Set<() => Promise<void>>();
  let nowMs = 1_000_000;
  return {
    nowMs: () => nowMs,
    repeat(round) {
      rounds.add(round);
      return () => rounds.delete(round);
    },
    async pass(seconds) {
      nowMs += 1_000 * seconds;
      await Promise.all([...rounds].map((round) => round()));
    },
  };
}
