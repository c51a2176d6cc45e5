import { z } from 'zod';
import { BugError } from './farmError.ts';
import { NodeId, RenditionId } from './ids.ts';

/** What becomes of one thing of the source, told before the start and kept with the plan. `stream` is null for what is no stream of its own: chapters, tags. */
export const TrackFate = z.object({
  stream: z.number().int().nonnegative().nullable(),
  kind: z.enum(['video', 'audio', 'subtitle', 'chapters', 'attachment', 'data', 'timecode', 'metadata', 'cover']),
  /** What it is, for people: `AAC, 2 channels, eng`. */
  label: z.string(),
  /** `kept`: nothing is lost. `converted`: it is there, in another form. `dropped`: the output lacks it. */
  fate: z.enum(['kept', 'converted', 'dropped']),
  /** Why, or into what. */
  note: z.string(),
});
export type TrackFate = z.infer<typeof TrackFate>;

const Size = z.object({ width: z.number().int().positive(), height: z.number().int().positive() });

/** The chosen video track, as its header states it. */
export const SourceVideo = z.object({
  stream: z.number().int().nonnegative(),
  codec: z.string(),
  profile: z.string().nullable(),
  pixelFormat: z.string(),
  /** Coded size, before rotation and pixel aspect. */
  coded: Size,
  /** As people see it: pixel aspect and rotation applied. */
  shown: Size,
  /** Average, frames per second; null where the container states none. */
  frameRate: z.number().positive().nullable(),
  /** Known once the index was read; null before. */
  variableFrameRate: z.boolean().nullable(),
  /** null: the header does not tell. */
  interlaced: z.boolean().nullable(),
  rotationClockwise: z.number().int(),
  mirrored: z.boolean(),
  /** Transfer of an HDR picture; null: SDR, or no tags. */
  hdr: z.enum(['PQ', 'HLG']).nullable(),
});
export type SourceVideo = z.infer<typeof SourceVideo>;

export const SourceFacts = z.object({
  /** Name of the container for people. */
  container: z.string(),
  /** FFmpeg's name of the demuxer that opens it. */
  demuxer: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  durationSeconds: z.number().nonnegative().nullable(),
  /** null: there is none, or the preset asks for sound alone. */
  video: SourceVideo.nullable(),
  videoTracks: z.number().int().nonnegative(),
  audioTracks: z.number().int().nonnegative(),
  subtitleTracks: z.number().int().nonnegative(),
  chapters: z.number().int().nonnegative(),
});
export type SourceFacts = z.infer<typeof SourceFacts>;

/** Whether the source is cut into chunks. `isFinal` is false while only the header was read. */
export const CutDecision = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('chunked'),
    isFinal: z.boolean(),
    reason: z.string(),
    chunks: z.object({
      count: z.number().int().min(2),
      /** Length aimed at; the chunks lie between the two others. */
      targetSeconds: z.number().positive(),
      shortestSeconds: z.number().nonnegative(),
      longestSeconds: z.number().nonnegative(),
    }),
  }),
  z.object({ kind: z.literal('whole'), isFinal: z.boolean(), reason: z.string() }),
  /** The header does not tell enough: the index will. */
  z.object({ kind: z.literal('open'), isFinal: z.literal(false), reason: z.string() }),
]);
export type CutDecision = z.infer<typeof CutDecision>;

/** What the plan makes of the source; null values are not known before the index was read. */
export const PlannedOutput = z.object({
  container: z.string(),
  /** `size` and `videoEncoder` are null, `frames` 0, where the output is sound alone. */
  size: Size.nullable(),
  videoEncoder: z.string().nullable(),
  audioEncoder: z.string().nullable(),
  frames: z.number().int().nonnegative(),
  /** How the frames are known: from the header's duration and rate, from the packets, or by decoding once. */
  frameEvidence: z.enum(['header', 'packets', 'decoded']),
  durationSeconds: z.number().nonnegative(),
  estimatedBytes: z.number().nonnegative(),
  /** On one core of a server of the 2020s: an order of magnitude. */
  predictedCpuSeconds: z.number().nonnegative(),
});
export type PlannedOutput = z.infer<typeof PlannedOutput>;

/**
 * What a render of one source with one preset would do: first from the header alone, then from the index of all
 * packets. The same report is kept with each job.
 */
export const SourceReport = z.object({
  stage: z.enum(['header', 'index']),
  path: z.string(),
  preset: RenditionId,
  source: SourceFacts,
  decision: CutDecision,
  /** null: the header does not tell enough. */
  output: PlannedOutput.nullable(),
  fates: z.array(TrackFate),
  /** `CODE: sentence.` for each thing that does not reach the output as it was. */
  warnings: z.array(z.string()),
  /** What a node must have to take part; encoders are empty while the plan is open. */
  requires: z.object({
    toolchainClass: z.string(),
    encoders: z.array(z.string()),
    /** Filters that some builds lack; absent: none of those. */
    filters: z.array(z.string()).optional(),
    /** Most that one of its tasks is expected to hold; absent: not known. */
    memoryBytes: z.number().int().positive().optional(),
  }),
});
export type SourceReport = z.infer<typeof SourceReport>;

/** Whether one node can run the plan, and why not. */
export const NodeVerdict = z.object({
  /** null: this machine, judged without a coordinator. */
  nodeId: NodeId.nullable(),
  name: z.string(),
  slots: z.number().int().positive(),
  ffmpegVersion: z.string(),
  toolchainClass: z.string(),
  canRun: z.boolean(),
  /** A sentence; null exactly where it can. */
  whyNot: z.string().nullable(),
});
export type NodeVerdict = z.infer<typeof NodeVerdict>;

/** Which nodes can run it: those connected to a coordinator, or this machine's FFmpeg where none runs. */
export const Placement = z.object({
  scope: z.enum(['farm', 'this-machine']),
  nodes: z.array(NodeVerdict),
  /** A sentence about the whole list; null where there is nothing to say. */
  note: z.string().nullable(),
});
export type Placement = z.infer<typeof Placement>;

/** Body of `POST /api/v1/inspect`. */
export const InspectRequest = z.object({
  /** Absolute path on the coordinator's machine. */
  path: z.string().min(1).max(4096),
  /** Several: the renditions of one job, which are cut alike. */
  preset: z.union([z.string(), z.array(z.string()).min(1).max(8)]).default('h264-720p'),
  settings: z.record(z.string(), z.string()).default({}),
  chunkSeconds: z.number().positive().max(3600).nullable().default(null),
  threads: z.number().int().min(1).max(64).nullable().default(null),
  /** `header`: a first answer at once; `index`: reads the whole file, as the plan of a job does. */
  depth: z.enum(['header', 'index']).default('index'),
});
export type InspectRequest = z.infer<typeof InspectRequest>;

const RenditionAnswer = SourceReport.extend({ placement: Placement });
export type RenditionAnswer = z.infer<typeof RenditionAnswer>;

export const InspectAnswer = RenditionAnswer.extend({
  /** Where several presets were asked for: one report per rendition, the first of which is this one; absent: one was. */
  renditions: z.array(RenditionAnswer).min(1).optional(),
});
export type InspectAnswer = z.infer<typeof InspectAnswer>;

/** Puts the reports of an inspection into one answer. Pure. */
export function inspectAnswer(renditions: readonly RenditionAnswer[], { preset }: InspectRequest): InspectAnswer {
  const [first] = renditions;
  if (first === undefined) throw new BugError('an inspection without a report');
  return typeof preset === 'string' || preset.length === 1 ? first : { ...first, renditions: [...renditions] };
}
