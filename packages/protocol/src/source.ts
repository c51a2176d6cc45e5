import { z } from 'zod';

/** What tells that a file is still the one that was planned; checked before and after each attempt. */
export const SourceIdentity = z.object({
  path: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  /** Nanoseconds as a decimal string: exceeds the safe integers. */
  mtimeNs: z.string(),
  inode: z.string(),
});
export type SourceIdentity = z.infer<typeof SourceIdentity>;
