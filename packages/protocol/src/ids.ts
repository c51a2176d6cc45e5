import { z } from 'zod';

/** Identifies one job for ever, also across coordinators sharing a bucket: `J-` + 10 lower-case base-32 characters. */
export const JobId = z
  .string()
  .regex(/^J-[a-z2-7]{10}$/)
  .brand<'JobId'>();
export type JobId = z.infer<typeof JobId>;

/** `{jobId}/{kind}` or `{jobId}/{rendition}/{kind}-{NNNN}`; unique in the farm and stable across restarts. */
export const TaskId = z
  .string()
  .regex(/^J-[a-z2-7]{10}(\/[a-z0-9_-]+){1,2}$/)
  .brand<'TaskId'>();
export type TaskId = z.infer<typeof TaskId>;

/** Chosen once by an agent and kept in its data directory. */
export const NodeId = z
  .string()
  .regex(/^[a-z0-9-]{3,64}$/)
  .brand<'NodeId'>();
export type NodeId = z.infer<typeof NodeId>;

/** One output of a job; equal to the id of its preset unless a job uses a preset twice. */
export const RenditionId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  .brand<'RenditionId'>();
export type RenditionId = z.infer<typeof RenditionId>;

/** Counted at grant, from 1; the fencing token: results of any other attempt are refused. */
export const AttemptNumber = z.number().int().positive();
export type AttemptNumber = z.infer<typeof AttemptNumber>;

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export type Sha256 = z.infer<typeof Sha256>;
