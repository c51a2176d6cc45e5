import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sha256 } from '@reelmill/protocol';
import { createHashMeter } from './hashing.ts';
import { corrupt } from './storageErrors.ts';

export interface ReadIntoFile {
  readonly key: string;
  readonly path: string;
  readonly sha256?: Sha256 | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Streams an object into a synced local file; a file that is not complete and right is removed again. */
export async function readIntoFile(
  source: Readable,
  { key, path, sha256, signal }: ReadIntoFile,
): Promise<{ sizeBytes: number; sha256: Sha256 }> {
  const meter = createHashMeter();
  try {
    await pipeline(source, meter.stream, createWriteStream(path, { flush: true }), { signal });
    const got = { sizeBytes: meter.sizeBytes(), sha256: meter.sha256() };
    if (sha256 !== undefined && got.sha256 !== sha256) throw corrupt(key, { expected: sha256, received: got.sha256 });
    return got;
  } catch (thrown) {
    await rm(path, { force: true });
    throw thrown;
  }
}
