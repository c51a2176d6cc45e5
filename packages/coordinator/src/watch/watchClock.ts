/** Time and turns of watched folders; tests have their own. */
export interface WatchClock {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Runs the round again and again, never twice at once. Returns the way to stop it. */
  repeat(round: () => Promise<void>): () => void;
}

const betweenRoundsMs = 2_000;
/** A folder that takes long to look at is looked at less often: at most this part of the time goes into it. */
const restsPerRound = 10;

export const systemWatchClock: WatchClock = {
  nowMs: () => performance.now(),
  repeat(round) {
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    const turn = async (): Promise<void> => {
      const startedMs = performance.now();
      await round();
      if (!stopped) plan(Math.max(betweenRoundsMs, restsPerRound * (performance.now() - startedMs)));
    };
    const plan = (delayMs: number): void => {
      timer = setTimeout(() => void turn(), delayMs);
      timer.unref();
    };
    plan(0);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  },
};
