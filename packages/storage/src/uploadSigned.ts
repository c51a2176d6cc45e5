import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { FarmError, type Sha256, type SignedPut } from '@reelmill/protocol';
import { withRetries } from './backoff.ts';
import { type TransferOptions, toTransferError } from './downloadSigned.ts';
import { errorOfStatus, exchange, readText } from './httpExchange.ts';
import { errnoOf } from './storageErrors.ts';

export interface UploadOptions extends TransferOptions {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

const longestAnswer = 64 * 1024;

/**
 * Streams the file at `filePath` to the one object that `put` allows, hashing on the way: a file that is no longer the
 * one that was announced is STORAGE_CORRUPT at once. Transport errors are retried with backoff; repeating is harmless
 * because the URL allows these bytes only.
 * @throws FarmError STORAGE_UNREACHABLE, STORAGE_REFUSED, STORAGE_CORRUPT, DISK_FULL, CANCELED
 */
export async function uploadSigned(put: SignedPut, filePath: string, options: UploadOptions): Promise<void> {
  const { size } = await stat(filePath).catch((thrown: unknown) => {
    throw errnoOf(thrown) === 'ENOENT' ? localChange(put.key) : toTransferError(thrown, put.key);
  });
  if (size !== options.sizeBytes) throw localChange(put.key);
  if (put.multipart === null) await uploadWhole(put, filePath, options);
  else await uploadParts(put, put.multipart, { filePath, ...options });
}

async function uploadWhole(put: SignedPut, filePath: string, options: UploadOptions): Promise<void> {
  const { signal, retry: policy, sizeBytes } = options;
  const range = { start: 0, end: sizeBytes };
  const send = async (): Promise<void> => {
    const sent: Sent = { hash: createHash('sha256'), bytes: 0 };
    try {
      const response = await sendRange({
        url: put.url,
        headers: put.headers,
        filePath,
        range,
        sent,
        key: put.key,
        options,
      });
      await drain(response, put.key);
    } catch (thrown) {
      // the store found other bytes: were they sent so, or changed on the way?
      if (sent.bytes === sizeBytes && sent.hash.copy().digest('hex') !== options.sha256) throw localChange(put.key);
      throw thrown;
    }
    if (sent.hash.digest('hex') !== options.sha256) throw localChange(put.key);
  };
  await withRetries(send, { signal, policy });
}

type Multipart = NonNullable<SignedPut['multipart']>;

async function uploadParts(
  put: SignedPut,
  { partSizeBytes, partUrls, completeUrl }: Multipart,
  options: UploadOptions & { filePath: string },
): Promise<void> {
  const { signal, retry: policy, sizeBytes, filePath } = options;
  let hash = createHash('sha256');
  const etags: string[] = [];
  for (const [index, url] of partUrls.entries()) {
    const range = { start: index * partSizeBytes, end: Math.min((index + 1) * partSizeBytes, sizeBytes) };
    const headers = { 'content-length': String(range.end - range.start) };
    const send = async (): Promise<string> => {
      const sent: Sent = { hash: hash.copy(), bytes: 0 };
      const response = await sendRange({ url, headers, filePath, range, sent, key: put.key, options });
      await drain(response, put.key);
      hash = sent.hash;
      return response.headers.etag ?? '';
    };
    etags.push(await withRetries(send, { signal, policy }));
  }
  if (hash.digest('hex') !== options.sha256) throw localChange(put.key);
  await withRetries((attempt) => complete({ put, completeUrl, etags, attempt, options }), { signal, policy });
}

/** What one try has sent. */
interface Sent {
  readonly hash: Hash;
  bytes: number;
}

interface RangeUpload {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly filePath: string;
  readonly range: { start: number; end: number };
  readonly sent: Sent;
  readonly key: string;
  readonly options: UploadOptions;
}

async function sendRange({ url, headers, filePath, range, sent, key, options }: RangeUpload): Promise<IncomingMessage> {
  const { signal, onBytes, sizeBytes, idleTimeoutMs } = options;
  const tap = new Transform({
    transform(piece: Buffer, _encoding, next) {
      sent.hash.update(piece);
      sent.bytes += piece.length;
      onBytes?.(range.start + sent.bytes, sizeBytes);
      next(null, piece);
    },
    flush(next) {
      next(sent.bytes === range.end - range.start ? null : localChange(key));
    },
  });
  try {
    if (range.end === range.start)
      return await exchange({ method: 'PUT', url, headers, body: Buffer.alloc(0), signal, idleTimeoutMs });
    const file = createReadStream(filePath, { start: range.start, end: range.end - 1 });
    file.on('error', (error) => tap.destroy(error));
    tap.on('close', () => file.destroy());
    return await exchange({ method: 'PUT', url, headers, body: file.pipe(tap), signal, idleTimeoutMs });
  } catch (thrown) {
    throw toTransferError(thrown, key);
  }
}

async function drain(response: IncomingMessage, key: string): Promise<string> {
  try {
    return await readText(response, longestAnswer);
  } catch (thrown) {
    throw toTransferError(thrown, key);
  }
}

interface Completion {
  readonly put: SignedPut;
  readonly completeUrl: string;
  readonly etags: readonly string[];
  readonly attempt: number;
  readonly options: UploadOptions;
}

async function complete({ put, completeUrl, etags, attempt, options }: Completion): Promise<void> {
  const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
  const { signal, idleTimeoutMs } = options;
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
  try {
    const headers = { 'content-length': String(body.length), 'content-type': 'application/xml' };
    const response = await exchange({ method: 'POST', url: completeUrl, headers, body, signal, idleTimeoutMs });
    // S3 may answer 200 and tell of an error in the body, because it starts its answer before it is done
    const answer = await drain(response, put.key);
    if (answer.includes('<Error>')) throw errorOfStatus(500, answer);
  } catch (thrown) {
    const error = toTransferError(thrown, put.key);
    // the try before had succeeded, only its answer was lost; the reader checks the hash
    if (attempt > 1 && error instanceof FarmError && error.details.storeCode === 'NoSuchUpload') return;
    throw error;
  }
}

const localChange = (key: string): FarmError =>
  new FarmError('STORAGE_CORRUPT', {
    message: 'The local file is no longer the one that was announced.',
    details: { key, local: true },
  });
