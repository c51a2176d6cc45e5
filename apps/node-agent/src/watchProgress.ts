import type { FarmSpec } from '@reelmill/media';
import { FarmError } from '@reelmill/protocol';
import type { TaskTimeout } from './taskTimeout.ts';

/** An encoder that produces no frame for this long is stuck. */
const noProgressMs = 60_000;
/** A join reports rarely on slow disks; pictures may be far apart in a film that is read from its start. */
const noRareProgressMs = 600_000;
const ticksPerLimit = 12;

export interface WatchLimits {
  readonly noProgressMs?: number | undefined;
  /** Of an encoder that gets a part of the processors only; default 1. */
  readonly slowdown?: number | undefined;
  /** For the whole run of FFmpeg. */
  readonly total?: TaskTimeout | undefined;
}

export interface ProgressWatch {
  /** Aborted with NO_PROGRESS, or with the attempt's own reason. */
  readonly signal: AbortSignal;
  saw(framesDone: number): void;
  stop(): void;
}

/**
 * Counts ticks instead of time: a machine that slept has not ticked, so its encoder is not blamed for the night.
 */
export function watchProgress(kind: FarmSpec['kind'], attempt: AbortSignal, limits: WatchLimits = {}): ProgressWatch {
  const usual = kind === 'join' || kind === 'extract' ? noRareProgressMs : noProgressMs;
  const limit = (limits.noProgressMs ?? usual) * (limits.slowdown ?? 1);
  const stuck = new AbortController();
  let latest = -1;
  let quietTicks = 0;
  let ticks = 0;
  const { total } = limits;
  const tickMs = Math.min(limit, total?.limitMs ?? limit) / ticksPerLimit;
  const timer = setInterval(() => {
    quietTicks += 1;
    ticks += 1;
    if (total !== undefined && ticks * tickMs >= total.limitMs) stuck.abort(total.error(Math.max(0, latest)));
    if (quietTicks * tickMs < limit) return;
    const message = `The encoder made no progress for ${Math.round(limit / 1000)} s after frame ${Math.max(0, latest)}.`;
    stuck.abort(new FarmError('NO_PROGRESS', { message, details: { framesDone: Math.max(0, latest) } }));
  }, tickMs);
  return {
    signal: AbortSignal.any([attempt, stuck.signal]),
    saw(framesDone) {
      if (framesDone === latest) return;
      latest = framesDone;
      quietTicks = 0;
    },
    stop: () => clearInterval(timer),
  };
}
