import { readSync } from 'node:fs';

/** A part of bytes in memory: millions of them are looked at without an object for each. */
export interface ByteSpan {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What was read from a place on: more than asked for, or less where the file ends. It holds until the next call. */
export type NearbyRead = (position: number, length: number) => ByteSpan;

/** Beyond this a call of its own costs less than copying what lies between. */
const nearBytes = 8 * 1024;
const windowBytes = 64 * 1024;
/** A few bytes more cost nothing, and often are what is asked for next: heads of sound lie beside those of pictures. */
const leastBytes = 1024;

/**
 * Reads few bytes at many ascending places of an open file. Synchronous: a call of the asynchronous kind costs ten times
 * the CPU of reading 4 KiB, so callers take turns with the event loop themselves. The longer places lie close together,
 * the farther it reads ahead.
 */
export function nearbyReader(file: number): NearbyRead {
  const window = { bytes: Buffer.allocUnsafe(windowBytes), start: 0, end: 0 };
  let [position, ahead] = [0, leastBytes];
  return (wanted, length) => {
    const last = position + window.end;
    if (wanted < position || wanted + length > last) {
      const isNear = wanted >= position && wanted - last < nearBytes;
      ahead = isNear ? Math.min(2 * ahead, windowBytes) : leastBytes;
      position = wanted;
      window.end = readSync(file, window.bytes, 0, Math.min(Math.max(length, ahead), windowBytes), wanted);
    }
    window.start = wanted - position;
    return window;
  };
}

/** The bytes of a span, as a view. */
export const bytesOf = ({ bytes, start, end }: ByteSpan, length: number): Buffer =>
  bytes.subarray(start, Math.min(start + length, end));

export const spanOf = (bytes: Buffer): ByteSpan => ({ bytes, start: 0, end: bytes.length });
