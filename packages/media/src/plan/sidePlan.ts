import { z } from 'zod';
import { Attachment, Chapter, TrackLabels } from '../probe/sourceExtras.ts';

const streamIndex = z.number().int().nonnegative();

/** A subtitle track of the output. */
export const PlannedSubtitle = z.object({
  streamIndex,
  /** `copy`, or the text form the container can hold. */
  encoder: z.enum(['copy', 'mov_text', 'subrip']),
  labels: TrackLabels,
});
export type PlannedSubtitle = z.infer<typeof PlannedSubtitle>;

/**
 * All that the join carries from the source beside picture and sound: only what the container can hold, in the form it
 * holds it. Lists are in the order of the source.
 */
export const SidePlan = z.object({
  /** The moment of the source, on its container's clock, that becomes 0 of the output. */
  zeroSeconds: z.number(),
  videoLabels: TrackLabels,
  subtitles: z.array(PlannedSubtitle),
  /** On the output's clock. */
  chapters: z.array(Chapter),
  attachments: z.array(Attachment),
  /** `extension` is `jpg` or `png`. */
  covers: z.array(z.object({ streamIndex, extension: z.enum(['jpg', 'png']) })),
  timecode: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
});
export type SidePlan = z.infer<typeof SidePlan>;

/** Of a source with nothing but picture and sound. */
export const noSide: SidePlan = {
  zeroSeconds: 0,
  videoLabels: { language: null, title: null, dispositions: [] },
  subtitles: [],
  chapters: [],
  attachments: [],
  covers: [],
  timecode: null,
  tags: {},
};

/** Whether the join must read the source itself; labels, chapters and tags are in the plan. */
export const readsSource = (side: SidePlan): boolean =>
  side.subtitles.length + side.attachments.length + side.covers.length > 0;
