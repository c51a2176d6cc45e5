import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Sha256 } from '@reelmill/protocol';

/** A pass-through that hashes and counts what flows through it; read both once the pipeline has ended. */
export interface HashMeter {
  readonly stream: Transform;
  sizeBytes(): number;
  sha256(): Sha256;
}

/** @param onBytes told the total so far after each piece */
export function createHashMeter(onBytes?: (sizeBytes: number) => void): HashMeter {
  const hash = createHash('sha256');
  let size = 0;
  const stream = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      size += piece.length;
      onBytes?.(size);
      done(null, piece);
    },
  });
  let digest: Sha256 | null = null;
  return {
    stream,
    sizeBytes: () => size,
    sha256: () => {
      digest ??= hash.digest('hex');
      return digest;
    },
  };
}

export const sha256OfBytes = (bytes: Uint8Array): Sha256 => createHash('sha256').update(bytes).digest('hex');

/** Reads the whole file once. Throws the file system's own error. */
export async function sha256OfFile(
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<{ sizeBytes: number; sha256: Sha256 }> {
  const meter = createHashMeter();
  meter.stream.resume();
  await pipeline(createReadStream(path), meter.stream, { signal: options.signal });
  return { sizeBytes: meter.sizeBytes(), sha256: meter.sha256() };
}
