import { z } from 'zod';

/**
 * Schedulable kinds. House tasks run beside the coordinator (they need the original or the output folder);
 * farm tasks run on agents under a lease.
 */
export const HouseTaskKind = z.enum(['probe', 'hash', 'assemble', 'publish', 'package']);
export const FarmTaskKind = z.enum(['encode', 'audio', 'join', 'extract']);
export const TaskKind = z.enum([...HouseTaskKind.options, ...FarmTaskKind.options]);
export type TaskKind = z.infer<typeof TaskKind>;
export type FarmTaskKind = z.infer<typeof FarmTaskKind>;
export type HouseTaskKind = z.infer<typeof HouseTaskKind>;

/** At most so many tasks of a kind at once on one node; kinds that are absent are bounded by its slots only. */
export const KindCaps = z.partialRecord(FarmTaskKind, z.number().int().positive());
export type KindCaps = z.infer<typeof KindCaps>;

interface Kinds {
  readonly kinds: readonly FarmTaskKind[] | null;
  readonly kindCaps?: KindCaps | undefined;
}

/** What a node takes, for people: `only encode (at most 4), audio`; null: everything. */
export function kindsText({ kinds, kindCaps = {} }: Kinds): string | null {
  if (kinds === null) return null;
  const words = kinds.map((kind) => (kindCaps[kind] === undefined ? kind : `${kind} (at most ${kindCaps[kind]})`));
  return `only ${words.join(', ')}`;
}
