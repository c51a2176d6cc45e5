import {
  ErrorData,
  ImageSequence,
  RenditionId,
  SequenceSettings,
  SourceIdentity,
  SourceReport,
} from '@reelmill/protocol';
import { z } from 'zod';

/** What the coordinator journals as the scheduler's opaque `request` of a job: all that was settled at submission. */
export const JobRequest = z.object({
  /** Absolute path, or upload name, as the user knows it. */
  input: z.string(),
  /** Shown name: base name of the source. */
  name: z.string(),
  sourcePath: z.string(),
  /** Set when the source is an upload: its file goes when the job is removed. */
  uploadId: z.string().nullable(),
  preset: RenditionId,
  settings: z.record(z.string(), z.string()),
  outputFolder: z.string(),
  /** Reserved among queued jobs; publishing may still move on to the next free name. */
  plannedOutput: z.string(),
  chunkSeconds: z.number().positive().nullable(),
  threads: z.number().int().positive().nullable(),
  verify: z.enum(['seams', 'full']),
  /** The source is an image sequence: it is wrapped into one film before it is planned. */
  sequence: z.object({ images: ImageSequence, settings: SequenceSettings }).nullable().default(null),
  /** Identity of the source when it was accepted; null when it could not be read at all. */
  identity: SourceIdentity.nullable(),
  /** A check of the intake that failed: the job exists, and fails at once with this. */
  refusal: ErrorData.nullable(),
});
export type JobRequest = z.infer<typeof JobRequest>;

/** What the coordinator journals as the scheduler's opaque `plan`; the whole manifest is an object in the store. */
export const PlanSummary = z.object({
  manifestKey: z.string(),
  rendition: RenditionId,
  plan: z.enum(['chunked', 'whole']),
  wholeReason: z.string().nullable(),
  warnings: z.array(z.string()),
  sourceFrames: z.number().int().positive(),
  durationSeconds: z.number(),
  threads: z.number().int().positive(),
  chunkSeconds: z.number(),
  toolchainClass: z.string(),
  hasAudio: z.boolean(),
  /** End frame of each chunk in order: chunk i is `[chunkEnds[i-1] ?? 0, chunkEnds[i])`. */
  /** What `inspect` would have said; null in journals of before it existed. */
  report: SourceReport.nullable().default(null),
  chunkEnds: z.array(z.number().int().positive()).min(1),
});
export type PlanSummary = z.infer<typeof PlanSummary>;
