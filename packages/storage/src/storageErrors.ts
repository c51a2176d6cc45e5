import { BugError, type ErrorCode, FarmError } from '@reelmill/protocol';

const codeOfErrno: Record<string, ErrorCode> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EFBIG: 'DISK_FULL',
  ENOENT: 'NOT_FOUND',
  EACCES: 'STORAGE_REFUSED',
  EPERM: 'STORAGE_REFUSED',
  EROFS: 'STORAGE_REFUSED',
  EIO: 'STORAGE_CORRUPT',
};

const networkErrnos = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

export const errnoOf = (thrown: unknown): string | null => {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
};

/** True for what an `AbortSignal` made. */
export const isAbort = (thrown: unknown): boolean =>
  thrown instanceof Error && (thrown.name === 'AbortError' || errnoOf(thrown) === 'ABORT_ERR');

/** The error of a stopped call: CANCELED, never retried. */
export const canceled = (cause?: unknown): FarmError =>
  new FarmError('CANCELED', { message: 'The transfer was canceled.', cause });

export const notFound = (key: string, cause?: unknown): FarmError =>
  new FarmError('NOT_FOUND', { message: `The store holds no object ${key}.`, details: { key }, cause });

export const corrupt = (key: string, details: Record<string, unknown>): FarmError =>
  new FarmError('STORAGE_CORRUPT', {
    message: `The object ${key} does not match its hash.`,
    details: { key, ...details },
  });

/** Shapes what the file system or the network threw while working on `key`; bugs stay bugs. */
export function toStorageError(thrown: unknown, key: string): FarmError | BugError {
  if (thrown instanceof FarmError || thrown instanceof BugError) return thrown;
  if (isAbort(thrown)) return canceled(thrown);
  const errno = errnoOf(thrown);
  if (errno === 'ENOENT') return notFound(key, thrown);
  const details = { key, system: errno ?? (thrown instanceof Error ? thrown.message : String(thrown)) };
  if (errno !== null && networkErrnos.has(errno)) {
    return new FarmError('STORAGE_UNREACHABLE', { details, cause: thrown });
  }
  return new FarmError((errno !== null && codeOfErrno[errno]) || 'INTERNAL', { details, cause: thrown });
}

/** Runs `work` and shapes what it throws. */
export async function shaped<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toStorageError(thrown, key);
  }
}
