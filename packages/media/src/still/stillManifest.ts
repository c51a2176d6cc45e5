import { PictureFormat, RenditionId, SourceIdentity, TrackFate } from '@reelmill/protocol';
import { z } from 'zod';
import { Rational } from '../manifest.ts';

/** One frame of the source that becomes a picture. Source ticks. */
export const PickedFrame = z.object({
  /** Its number in the source, from 0. */
  frame: z.number().int().nonnegative(),
  pts: z.number().int(),
  /** It is the frame with `fromPts` ≤ pts < `endPts`: midpoints to its neighbours; null: it has none on that side. */
  fromPts: z.number().int().nullable(),
  endPts: z.number().int().nullable(),
  /** The first instant it is shown at that was asked for, seconds after the first frame. */
  atSeconds: z.number().nonnegative(),
});
export type PickedFrame = z.infer<typeof PickedFrame>;

/** A stretch of the source that is decoded in one go. */
export const Passage = z.object({
  /** Value of `-ss`, as in `Chunk`; null: read from the start. */
  seekSeconds: z.number().nullable(),
  picks: z.array(PickedFrame).min(1),
});
export type Passage = z.infer<typeof Passage>;

const quality = z.number().int().min(1).max(100);
/** What becomes of the picked frames. */
export const StillOutput = z.discriminatedUnion('form', [
  /** One of them: the first passage whose picture shows something. */
  z.object({ form: z.literal('picture'), quality }),
  z.object({ form: z.literal('sheets'), quality, columns: z.number().int(), rows: z.number().int() }),
  z.object({ form: z.literal('animation'), format: z.enum(['webp', 'gif']), quality }),
  z.object({ form: z.literal('frames'), format: PictureFormat, quality }),
]);
export type StillOutput = z.infer<typeof StillOutput>;

/** One picture, or one tile of a sheet. */
export const StillPicture = z.object({
  filters: z.array(z.string()),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
export type StillPicture = z.infer<typeof StillPicture>;

/** The immutable plan of a rendition that is pictures: pure function of the same things as `Manifest`. */
export const StillManifest = z.object({
  kind: z.literal('stills'),
  plannerVersion: z.number().int(),
  rendition: RenditionId,
  presetId: z.string(),
  source: SourceIdentity,
  demuxer: z.string(),
  streamIndex: z.number().int().nonnegative(),
  timeBase: Rational,
  sourceFrames: z.number().int().positive(),
  frameEvidence: z.enum(['packets', 'decoded']),
  firstPts: z.number().int(),
  durationSeconds: z.number(),
  plan: z.enum(['chunked', 'whole']),
  wholeReason: z.string().nullable(),
  warnings: z.array(z.string()),
  /** Length of film aimed at for one task. */
  chunkSeconds: z.number().positive(),
  passages: z.array(Passage).min(1),
  picture: StillPicture,
  output: StillOutput,
  fates: z.array(TrackFate),
  toolchainClass: z.string(),
  estimatedOutputBytes: z.number().nonnegative(),
  estimatedScratchBytes: z.number().nonnegative(),
});
export type StillManifest = z.infer<typeof StillManifest>;

/** Makes the pictures of one passage; of form `picture`, the best of all passages. */
export const ExtractSpec = z.object({
  kind: z.literal('extract'),
  demuxer: z.string(),
  streamIndex: z.number().int().nonnegative(),
  /** null: FFmpeg's default, as in `EncodeSpec`. */
  decoderThreads: z.number().int().positive().nullable(),
  picture: StillPicture,
  output: StillOutput,
  /** Number of the first file, from 1: files are numbered through the whole rendition. */
  firstNumber: z.number().int().positive(),
  passages: z.array(Passage).min(1),
});
export type ExtractSpec = z.infer<typeof ExtractSpec>;

export const ExtractReport = z.object({
  kind: z.literal('extract'),
  /** Picked frames that are in the output. */
  frames: z.number().int().positive(),
  /** Image files, or frames of the animation. */
  images: z.number().int().positive(),
  /** Of form `picture`: the frame that was chosen. */
  chosenFrame: z.number().int().nullable(),
  wallSeconds: z.number(),
  decodeErrors: z.number().int(),
});
export type ExtractReport = z.infer<typeof ExtractReport>;
