import { BugError } from './farmError.ts';

/** Makes a switch exhaustive at compile time; reaching it at run time is a broken invariant. */
export function assertNever(value: never): never {
  throw new BugError(`unexpected variant: ${JSON.stringify(value)}`);
}
