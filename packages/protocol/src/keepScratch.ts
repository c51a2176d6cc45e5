import { z } from 'zod';

/** How long finished chunks stay in the store after their job is done: until it is verified, or so many hours more. */
export const KeepScratch = z.string().regex(/^(verify|\d{1,4}h)$/);
export type KeepScratch = z.infer<typeof KeepScratch>;

export const defaultKeepScratch: KeepScratch = '24h';

const hourMs = 3_600_000;

export const keepScratchMs = (keep: KeepScratch): number =>
  keep === 'verify' ? 0 : Number.parseInt(keep, 10) * hourMs;
