import { readSync } from 'node:fs';

/** Reads that lie no farther apart than this are served from one larger read. */
const nearBytes = 16 * 1024;
const windowBytes = 64 * 1024;
/** A few bytes more cost nothing, and often are what is asked for next. */
const leastBytes = 512;

/**
 * Reads few bytes at many ascending places of an open file. Synchronous: a call of the asynchronous kind costs ten times
 * the CPU of reading 4 KiB, so callers take turns with the event loop themselves.
 * @returns a function; its buffers hold until the next call, and are shorter where the file ends
 */
export function nearbyReader(file: number): (position: number, length: number) => Buffer {
  const window = Buffer.allocUnsafe(windowBytes);
  let [start, end] = [0, 0];
  return (position, length) => {
    if (position < start || position + length > end) {
      const isNear = position >= start && position - end < nearBytes;
      const wanted = isNear ? windowBytes : Math.min(Math.max(length, leastBytes), windowBytes);
      start = position;
      end = position + readSync(file, window, 0, wanted, position);
    }
    return window.subarray(position - start, Math.min(position - start + length, end - start));
  };
}
