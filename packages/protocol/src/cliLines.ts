import { z } from 'zod';
import { ErrorCodeSchema } from './errorCodes.ts';
import { ErrorData } from './farmError.ts';
import { PackageView } from './package.ts';
import { InspectAnswer } from './sourceReport.ts';

/** First line of `reelmill serve --json`. */
export const ReadyLine = z.object({
  type: z.literal('ready'),
  url: z.string(),
  apiUrl: z.string(),
  dataDir: z.string(),
});
export type ReadyLine = z.infer<typeof ReadyLine>;

/** Last line per job of `reelmill render --json` (issue, decision 24). Readers ignore unknown types and fields. */
export const JobLine = z.object({
  type: z.literal('job'),
  jobId: z.string(),
  input: z.string(),
  state: z.enum(['done', 'failed']),
  code: ErrorCodeSchema.optional(),
  error: ErrorData.optional(),
  outputs: z.array(z.object({ rendition: z.string(), path: z.string(), frames: z.number().int(), sha256: z.string() })),
  /** The package of the renditions, where one was asked for. */
  package: PackageView.optional(),
  chunks: z.number().int(),
  attempts: z.number().int(),
  nodes: z.array(z.string()),
  wallSeconds: z.number(),
  sourceFrames: z.number().int().nullable(),
  plan: z.enum(['chunked', 'whole']).nullable(),
  wholeReason: z.string().optional(),
  verify: z.enum(['seams', 'full']),
  /** Codes only. */
  warnings: z.array(z.string()),
  /** The same as sentences. */
  notes: z.array(z.string()),
  /** Slots × threads the plan and the agents used. */
  threads: z.number().int().nullable(),
  slots: z.number().int(),
});
export type JobLine = z.infer<typeof JobLine>;

/** Lines of `reelmill inspect --json`: stage `header` first, then `index`. */
export const InspectLine = InspectAnswer.extend({ type: z.literal('inspect') });
export type InspectLine = z.infer<typeof InspectLine>;

/** A command of one answer that failed: the same as on standard error, for machines. */
export const ErrorLine = ErrorData.extend({ type: z.literal('error') });
export type ErrorLine = z.infer<typeof ErrorLine>;

/** Exit codes, decision 24. */
export const exitCodes = {
  done: 0,
  jobFailed: 1,
  usage: 2,
  unreachable: 3,
  notAuthorized: 4,
  interrupted: 130,
} as const;
