import { type ErrorCode, errorRow } from '@reelmill/protocol';

const statusOf: Partial<Record<ErrorCode, number>> = {
  NOT_AUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  SOURCE_NOT_FOUND: 404,
  JOB_STATE: 409,
  JOB_BEGUN: 409,
  NODE_STATE: 409,
  OUTPUT_CHANGED: 409,
  MEDIA_LIMIT_EXCEEDED: 413,
  QUEUE_FULL: 429,
  DISK_FULL: 507,
  DISK_LOW: 507,
  INSUFFICIENT_SPACE: 507,
  STORAGE_UNREACHABLE: 503,
  STORAGE_REFUSED: 502,
};

/** HTTP status of an error: the caller's fault is 400, a job's 422, anything else 500, unless the table above knows better. */
export function errorStatus(code: ErrorCode): number {
  const known = statusOf[code];
  if (known !== undefined) return known;
  const { severity } = errorRow(code);
  return severity === 'usage' ? 400 : severity === 'job' ? 422 : 500;
}
