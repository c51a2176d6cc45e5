import { BugError, FarmError } from '@reelmill/protocol';
import { toTransferError } from './downloadSigned.ts';
import { errnoOf, notFound } from './storageErrors.ts';

const missing = new Set(['NoSuchKey', 'NotFound', 'NoSuchUpload']);
const full = new Set(['XMinioStorageFull', 'StorageFull', 'QuotaExceeded', 'XMinioAdminBucketQuotaExceeded']);
const busy = new Set([
  'SlowDown',
  'SlowDownRead',
  'SlowDownWrite',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
  'XMinioServerNotInitialized',
]);

/**
 * Shapes what the S3 client threw. Its errors repeat what the server said, which may hold the access key and the
 * string that was signed; only their code is kept.
 */
export function toS3Error(thrown: unknown, key: string): FarmError | BugError {
  if (thrown instanceof FarmError || thrown instanceof BugError) return thrown;
  const text = thrown instanceof Error ? thrown.message : '';
  const status = /Retryable HTTP status: (\d{3})/.exec(text)?.[1];
  if (status !== undefined) return unreachable(key, `status ${status}`);
  if (!isS3Error(thrown)) return toTransferError(thrown, key);
  const storeCode = errnoOf(thrown) ?? 'unknown';
  const cause = new Error(`S3 error ${storeCode}`);
  if (missing.has(storeCode)) return notFound(key, cause);
  if (full.has(storeCode)) return new FarmError('DISK_FULL', { message: 'The object store is full.', cause });
  if (busy.has(storeCode)) return unreachable(key, storeCode);
  const message = `The object store refused the request: ${storeCode}.`;
  return new FarmError('STORAGE_REFUSED', { message, details: { key, storeCode }, cause });
}

const isS3Error = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'S3Error';

const unreachable = (key: string, why: string): FarmError =>
  new FarmError('STORAGE_UNREACHABLE', { message: `The object store cannot answer now: ${why}.`, details: { key } });
