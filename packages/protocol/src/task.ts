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
