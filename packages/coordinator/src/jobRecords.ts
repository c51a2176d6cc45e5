import {
  ErrorData,
  ImageSequence,
  PackageKind,
  RenditionId,
  SegmentSeconds,
  SequenceSettings,
  SourceIdentity,
  SourceReport,
  Spill,
  Tag,
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
  /** One per preset asked for, in that order. */
  renditions: z
    .array(
      z.object({
        preset: RenditionId,
        /** Reserved among queued jobs; publishing may still move on to the next free name. */
        plannedOutput: z.string(),
      }),
    )
    .min(1),
  settings: z.record(z.string(), z.string()),
  outputFolder: z.string(),
  chunkSeconds: z.number().positive().nullable(),
  threads: z.number().int().positive().nullable(),
  verify: z.enum(['seams', 'full']),
  /** Renditions that only nodes with a tag may encode, and whether others may help; absent: any node may. */
  pins: z.object({ tags: z.record(RenditionId, Tag), spill: Spill }).optional(),
  /** The source is an image sequence: it is wrapped into one film before it is planned. */
  sequence: z
    .object({
      images: ImageSequence,
      settings: SequenceSettings,
      /** Frames that were there, and the numbers that were not, as text. */
      frames: z.number().int().optional(),
      missing: z.string().nullable().optional(),
    })
    .nullable()
    .default(null),
  /** What the names of its outputs were settled from; absent: the default name. */
  naming: z.object({ template: z.string(), counter: z.number().int(), at: z.string() }).optional(),
  /** Made of all renditions once they are published. */
  package: z
    .object({ kind: PackageKind, segmentSeconds: SegmentSeconds, plannedPath: z.string() })
    .nullable()
    .default(null),
  /** How long finished chunks stay after the job is done; absent: as the coordinator is set. */
  keepScratchMs: z.number().nonnegative().optional(),
  /** Identity of the source when it was accepted; null when it could not be read at all. */
  identity: SourceIdentity.nullable(),
  /** A check of the intake that failed: the job exists, and fails at once with this. */
  refusal: ErrorData.nullable(),
});
export type JobRequest = z.infer<typeof JobRequest>;

/** What the journal keeps of the plan of one rendition. */
export const RenditionSummary = z.object({
  rendition: RenditionId,
  kind: z.enum(['film', 'stills']).default('film'),
  plan: z.enum(['chunked', 'whole']),
  wholeReason: z.string().nullable(),
  warnings: z.array(z.string()),
  threads: z.number().int().positive(),
  chunkSeconds: z.number(),
  toolchainClass: z.string(),
  hasAudio: z.boolean(),
  /** As in the manifest: whose chunks are encoded by the same tasks. */
  encodedWith: z.array(RenditionId),
  /** End frame (of pictures: end picture) of each chunk in order: chunk i is `[chunkEnds[i-1] ?? 0, chunkEnds[i])`; none of sound alone. */
  chunkEnds: z.array(z.number().int().positive()),
  /** What `inspect` would have said. */
  report: SourceReport,
});
export type RenditionSummary = z.infer<typeof RenditionSummary>;

/** What the coordinator journals as the scheduler's opaque `plan`; whole manifests are an object in the store. */
export const PlanSummary = z.object({
  manifestKey: z.string(),
  /** 0: all outputs are sound alone. */
  sourceFrames: z.number().int().nonnegative(),
  durationSeconds: z.number(),
  renditions: z.array(RenditionSummary).min(1),
});
export type PlanSummary = z.infer<typeof PlanSummary>;

/** Has the schemas of a plan compiled before somebody waits for the first one: some 50 ms. */
export function warmRecords(): void {
  PlanSummary.safeParse({ renditions: [{ report: {} }] });
}
