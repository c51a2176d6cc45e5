import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Sha256 } from '@reelmill/protocol';

export interface HashFileOptions {
  readonly signal: AbortSignal;
  onBytes?(done: number): void;
  /** Reads only this many bytes from the start. */
  readonly firstBytes?: number;
}

const readBytes = 1024 * 1024;

/** SHA-256 of a file, lower hex, read once from start to end. */
export async function hashFile(path: string, options: HashFileOptions): Promise<{ sha256: Sha256; sizeBytes: number }> {
  if (options.firstBytes === 0) return { sha256: createHash('sha256').digest('hex'), sizeBytes: 0 };
  const hash = createHash('sha256');
  let done = 0;
  const end = options.firstBytes === undefined ? {} : { end: options.firstBytes - 1 };
  const stream = createReadStream(path, { highWaterMark: readBytes, signal: options.signal, ...end });
  for await (const block of stream as AsyncIterable<Buffer>) {
    hash.update(block);
    done += block.length;
    options.onBytes?.(done);
  }
  return { sha256: hash.digest('hex'), sizeBytes: done };
}
