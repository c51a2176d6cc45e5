/** Versions of the agent protocol this build speaks, both inclusive. */
export const protocolRange = { min: 1, max: 1 } as const;

/** The version of the product, printed by --version and sent at hello. */
export const productVersion = '0.1.0';

/** Highest version both sides speak, or undefined when the ranges do not meet. */
export function negotiateProtocol(theirs: { min: number; max: number }): number | undefined {
  const version = Math.min(protocolRange.max, theirs.max);
  return version >= Math.max(protocolRange.min, theirs.min) ? version : undefined;
}
