import { FarmError } from '@reelmill/protocol';
import { defaultLauncher } from '../process/defaultLauncher.ts';
import { memoryLimited } from '../process/memoryLimit.ts';
import { pictureLimitMessage } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

/** What a file nobody vouches for may cost while it is only looked at. Whatever exceeds them is refused. */
export const readLimits = {
  /** Of one FFmpeg process: its data and stack, enforced by the kernel where it can (Linux). */
  memoryBytes: 2 * 1024 ** 3,
  /** Of all tracks together; a day of film at 60 pictures a second with sound holds 9 million. */
  packets: 12_000_000,
  /** Reading headers and the first samples. */
  probeSeconds: 120,
  /** Reading all packets, and decoding once where they prove nothing: the base, and what each megabyte adds. */
  indexSeconds: 1200,
  indexSecondsPerMegabyte: 2,
  longestIndexSeconds: 24 * 3600,
} as const;

/** Time for reading a whole file of that size: tiny files that decode for ever are bombs, large ones are films. */
export function indexSecondsFor(sizeBytes: number): number {
  const bySize = readLimits.indexSeconds + (sizeBytes / 1e6) * readLimits.indexSecondsPerMegabyte;
  return Math.min(readLimits.longestIndexSeconds, bySize);
}

/**
 * Runs `work` with processes that are bounded in memory and all together in time.
 * @throws FarmError MEDIA_LIMIT_EXCEEDED, and what `work` throws
 */
export async function withinLimits<Run extends RunOptions, Result>(
  run: Run,
  wallSeconds: number,
  work: (limited: Run) => Promise<Result>,
): Promise<Result> {
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(tooLong(wallSeconds)), wallSeconds * 1000);
  const launcher = memoryLimited(run.launcher ?? defaultLauncher(), readLimits.memoryBytes);
  try {
    return await work({ ...run, launcher, signal: AbortSignal.any([run.signal, clock.signal]) });
  } catch (thrown) {
    throw limitOf(thrown) ?? thrown;
  } finally {
    clearTimeout(timer);
  }
}

const tooLong = (wallSeconds: number) =>
  new FarmError('MEDIA_LIMIT_EXCEEDED', {
    message: `Reading the file took longer than ${Math.round(wallSeconds)} s.`,
    details: { wallSeconds },
  });

/** What FFmpeg says when a limit stopped it, and the sentence for people. */
const limitMessages: readonly (readonly [RegExp, string])[] = [
  [pictureLimitMessage, 'A picture of the file is larger than 8192 by 8192 pixels.'],
  [/exceeds max_streams/, 'The file holds more than 256 tracks.'],
  [/Cannot allocate memory|Out of memory|bad_alloc/, 'Reading the file needs more than 2 GiB of memory.'],
];

/** @returns the refusal FFmpeg's log stands for, or null */
export function limitInLog(log: string): FarmError | null {
  const found = limitMessages.find(([pattern]) => pattern.test(log));
  return found
    ? new FarmError('MEDIA_LIMIT_EXCEEDED', { message: found[1], details: { log: log.slice(-2000) } })
    : null;
}

function limitOf(thrown: unknown): FarmError | null {
  const log = thrown instanceof FarmError ? thrown.details.log : undefined;
  return typeof log === 'string' ? limitInLog(log) : null;
}
