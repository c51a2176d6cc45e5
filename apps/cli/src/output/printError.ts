import { type ErrorData, toFarmError } from '@reelmill/protocol';

/** Three lines for people: code, cause, fix. */
export function formatError(error: ErrorData): string {
  return `error  ${error.code}\ncause  ${error.cause}\nfix    ${error.fix}\n`;
}

/** Writes any thrown value to stderr as code, cause and fix. */
export function printError(thrown: unknown): void {
  const error = toFarmError(thrown);
  process.stderr.write(formatError(error.toData()));
  if (error.code === 'INTERNAL' && process.env.REELMILL_DEBUG === '1') {
    process.stderr.write(`${(thrown as Error).stack ?? String(thrown)}\n`);
  }
}
