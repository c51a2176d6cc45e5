import type { ProcessLauncher } from '@reelmill/media';
import { FarmError } from '@reelmill/protocol';
import { memoryOfTree } from './memoryUse.ts';

const mebibyte = 1024 ** 2;
/** Often enough to see an encoder of 8K grow, seldom enough to cost nothing: reading /proc takes about 0.1 ms. */
const intervalMs = 250;
/** Estimates lie above what was measured; what exceeds them by so much does something else than was planned. */
const slackFactor = 1.5;
/** Small tasks vary by more than a factor: less than this is never too much. */
const floorBytes = 1024 * mebibyte;

export interface MemoryWatch {
  /** Aborted with MEMORY_EXCEEDED, or with the attempt's own reason. */
  readonly signal: AbortSignal;
  /** The launcher whose processes are watched. */
  watched(launcher: ProcessLauncher): ProcessLauncher;
  /** Most that was seen so far. */
  peakBytes(): number;
  stop(): void;
}

/** Bytes an attempt may hold that is expected to hold `estimateBytes`. */
export const memoryLimitOf = (estimateBytes: number): number => Math.max(floorBytes, estimateBytes * slackFactor);

/**
 * Ends an attempt whose processes together hold more than the limit. Linux only: elsewhere nothing is seen, so nothing is
 * ended. Resident memory, not address space, which codecs reserve by the gigabyte without using it.
 */
export function watchMemory(attempt: AbortSignal, limitBytes: number | null): MemoryWatch {
  const exceeded = new AbortController();
  const pids = new Set<number>();
  let peakBytes = 0;
  const look = (): void => {
    let heldBytes = 0;
    for (const pid of pids) {
      const bytes = memoryOfTree(pid);
      if (bytes === 0) pids.delete(pid);
      heldBytes += bytes;
    }
    peakBytes = Math.max(peakBytes, heldBytes);
    if (limitBytes !== null && heldBytes > limitBytes) exceeded.abort(tooMuch(heldBytes, limitBytes));
  };
  const timer = process.platform === 'linux' ? setInterval(look, intervalMs) : undefined;
  return {
    signal: AbortSignal.any([attempt, exceeded.signal]),
    watched: (launcher) => (launch) => {
      const prepared = launcher(launch);
      const onStarted = (pid: number): void => {
        pids.add(pid);
        prepared.onStarted?.(pid);
      };
      return { ...prepared, onStarted };
    },
    peakBytes: () => peakBytes,
    stop: () => clearInterval(timer),
  };
}

const inMebibytes = (bytes: number): number => Math.round(bytes / mebibyte);

const tooMuch = (heldBytes: number, limitBytes: number): FarmError =>
  new FarmError('MEMORY_EXCEEDED', {
    message: `The encoder held ${inMebibytes(heldBytes)} MiB; such a task may hold ${inMebibytes(limitBytes)} MiB.`,
    details: { heldBytes, limitBytes },
  });
