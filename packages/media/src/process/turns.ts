import { throwIfAborted } from './runProcess.ts';

/** Lets a few run at once; the others wait in order. */
export interface Turns {
  /** @throws FarmError CANCELED when the signal ends before the turn came; else as `run` does */
  take<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Makes turns for `atOnce` runs. */
export function createTurns(atOnce: number): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async take(run, signal) {
      if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      else running += 1;
      try {
        throwIfAborted(signal);
        return await run();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
