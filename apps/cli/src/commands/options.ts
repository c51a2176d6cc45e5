import { FarmError } from '@reelmill/protocol';
import { InvalidArgumentError } from 'commander';

/** `--set K=V`, repeatable. */
export function collectSetting(value: string, previous: Record<string, string>): Record<string, string> {
  const separator = value.indexOf('=');
  if (separator < 1) throw new InvalidArgumentError('Expected KEY=VALUE.');
  return { ...previous, [value.slice(0, separator)]: value.slice(separator + 1) };
}

export const wholeNumber =
  (minimum: number, maximum: number) =>
  (value: string): number => {
    const parsed = Number(value);
    if (!Number.isInteger(parsed) || parsed < minimum || parsed > maximum) {
      throw new InvalidArgumentError(`Expected a whole number from ${minimum} to ${maximum}.`);
    }
    return parsed;
  };

export function positiveSeconds(value: string): number {
  const parsed = Number(value);
  if (!Number.isFinite(parsed) || parsed <= 0 || parsed > 3600) {
    throw new InvalidArgumentError('Expected seconds, more than 0 and at most 3600.');
  }
  return parsed;
}

export type VerifyDepth = 'seams' | 'full';
export function verifyDepth(value: string): VerifyDepth {
  if (value === 'seams' || value === 'full') return value;
  throw new InvalidArgumentError('Expected seams or full.');
}

/** Refuses an empty list with the code scripts look for. */
export function requireInputs(inputs: readonly string[]): void {
  if (inputs.length === 0) throw new FarmError('NO_INPUT');
}
