import type { EaseOff } from '@reelmill/protocol';
import type { Logger } from 'pino';
import { afterInput, afterLoad, notInUse, type UseReading, type UseRule, usualRule } from './easeOff.ts';
import type { Lending } from './lending.ts';
import type { UseReader } from './useReader.ts';

export interface UseWatch {
  readonly easeOff: Exclude<EaseOff, 'off'>;
  readonly reader: UseReader;
  readonly lending: Pick<Lending, 'inUse'>;
  readonly log: Logger;
  readonly rule?: UseRule;
  readonly intervalMs?: number;
}

const usualIntervalMs = 2_000;

/** Tells the lending when someone comes and goes. Returns the way to stop. */
export function watchUse({ easeOff, reader, lending, log, ...own }: UseWatch): () => void {
  const { rule = usualRule, intervalMs = usualIntervalMs } = own;
  let state = notInUse;
  let since: string | null = null;
  let isReading = false;
  const next = (reading: UseReading) =>
    easeOff === 'load'
      ? afterLoad(state, reading, { ms: performance.now(), rule })
      : afterInput(state, reading, { rule });
  const look = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    try {
      const before = state.inUse;
      state = next(await reader.read());
      if (state.inUse !== before) {
        since = state.inUse ? new Date().toISOString() : null;
        lending.inUse(since === null ? null : { since });
      }
    } catch (cause) {
      log.warn({ err: cause }, 'the use of this machine could not be looked at');
    } finally {
      isReading = false;
    }
  };
  const timer = setInterval(() => void look(), intervalMs);
  timer.unref();
  void look();
  return () => clearInterval(timer);
}
