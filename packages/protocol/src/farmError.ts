import { z } from 'zod';
import { type ErrorCode, ErrorCodeSchema, errorTable } from './errorCodes.ts';

/** How an error travels on sockets, IPC and REST: complete sentences, never a stack. */
export const ErrorData = z.object({
  code: ErrorCodeSchema,
  /** What happened, one sentence, with the particulars of this case. */
  cause: z.string(),
  /** What to do about it, one sentence. */
  fix: z.string(),
  details: z.record(z.string(), z.unknown()).default({}),
});
export type ErrorData = z.infer<typeof ErrorData>;

export interface FarmErrorOptions {
  /** Replaces the table's general sentence by one that names the particulars. */
  readonly message?: string;
  /** Replaces the table's general fix by one that names the particulars. */
  readonly fix?: string;
  readonly details?: Record<string, unknown>;
  readonly cause?: unknown;
}

/** The one error type that crosses a module boundary: a code of the table, particulars, and what caused it. */
export class FarmError extends Error {
  readonly code: ErrorCode;
  readonly fix: string;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, options: FarmErrorOptions = {}) {
    super(options.message ?? errorTable[code].cause, { cause: options.cause });
    this.name = 'FarmError';
    this.code = code;
    this.fix = options.fix ?? errorTable[code].fix;
    this.details = options.details ?? {};
  }

  toData(): ErrorData {
    return { code: this.code, cause: this.message, fix: this.fix, details: this.details };
  }

  static fromData(data: ErrorData): FarmError {
    return new FarmError(data.code, { message: data.cause, fix: data.fix, details: data.details });
  }
}

/** Marks a broken invariant: never expected, never retried, always reported. */
export class BugError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(`bug: ${message}`, options);
    this.name = 'BugError';
  }
}

/** Turns anything thrown into a FarmError, keeping the original as its cause. */
export function toFarmError(thrown: unknown): FarmError {
  if (thrown instanceof FarmError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const systemCode = (thrown as { code?: unknown } | null)?.code;
  if (systemCode === 'ENOSPC') return new FarmError('DISK_FULL', { cause: thrown, details: { system: text } });
  return new FarmError('INTERNAL', { message: `An unexpected error: ${text}`, cause: thrown });
}
