import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { BugError, FarmError, type Sha256, type SignedGet } from '@reelmill/protocol';
import { type RetryPolicy, withRetries } from './backoff.ts';
import { createHashMeter } from './hashing.ts';
import { exchange } from './httpExchange.ts';
import { corrupt, toStorageError } from './storageErrors.ts';

export interface TransferOptions {
  readonly signal?: AbortSignal;
  /** Told the bytes moved so far in the running try, and the total. */
  readonly onBytes?: (doneBytes: number, totalBytes: number) => void;
  readonly retry?: Partial<RetryPolicy>;
  /** A try ends as unreachable when nothing moves for so long; default 60 s. */
  readonly idleTimeoutMs?: number;
}

/**
 * Fetches one object into `filePath`, which appears only when complete: size, and hash where the URL tells one, are
 * checked while streaming. Transport errors are retried with backoff.
 * @throws FarmError STORAGE_UNREACHABLE, STORAGE_REFUSED, STORAGE_CORRUPT, NOT_FOUND, SOURCE_CHANGED, DISK_FULL, CANCELED
 */
export async function downloadSigned(
  get: SignedGet,
  filePath: string,
  options: TransferOptions = {},
): Promise<{ sha256: Sha256; sizeBytes: number }> {
  const { signal, retry: policy } = options;
  return await withRetries(() => downloadOnce(get, filePath, options), { signal, policy });
}

async function downloadOnce(get: SignedGet, filePath: string, { signal, onBytes, idleTimeoutMs }: TransferOptions) {
  const temporary = `${filePath}.part-${randomUUID()}`;
  const label = `from ${new URL(get.url).host}`;
  const meter = createHashMeter((done) => {
    if (done > get.sizeBytes) meter.stream.destroy(tooLong());
    onBytes?.(done, get.sizeBytes);
  });
  try {
    const response = await exchange({ method: 'GET', url: get.url, signal, idleTimeoutMs });
    await pipeline(response, meter.stream, createWriteStream(temporary, { flags: 'wx' }), { signal });
    const got = { sha256: meter.sha256(), sizeBytes: meter.sizeBytes() };
    if (got.sizeBytes !== get.sizeBytes) throw tooShort(got.sizeBytes, get.sizeBytes);
    if (get.sha256 !== null && got.sha256 !== get.sha256) {
      throw corrupt(label, { expected: get.sha256, received: got.sha256 });
    }
    await rename(temporary, filePath);
    return got;
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw toTransferError(thrown, label);
  }
}

const tooShort = (received: number, expected: number): FarmError =>
  new FarmError('STORAGE_UNREACHABLE', {
    message: `The object store sent ${received} of ${expected} bytes.`,
    details: { received, expected },
  });

const tooLong = (): FarmError =>
  new FarmError('STORAGE_CORRUPT', { message: 'The object store sends more bytes than the object has.' });

/** Shapes what a transfer threw: a connection that closed early is the network's fault, not a bug. */
export function toTransferError(thrown: unknown, label: string): FarmError | BugError {
  const error = toStorageError(thrown, label);
  if (error instanceof BugError) return error;
  const system = String(error.details.system ?? '');
  const broken = ['ERR_STREAM_PREMATURE_CLOSE', 'HPE_', 'ERR_SSL', 'aborted', 'socket hang up'];
  if (error.code !== 'INTERNAL' || !broken.some((start) => system.startsWith(start))) return error;
  return new FarmError('STORAGE_UNREACHABLE', { details: error.details, cause: thrown });
}
