import { z } from 'zod';

/** Marks of a track that some container can hold (FFmpeg `-disposition`); `default` among them. */
export const keptDispositions = [
  'default',
  'dub',
  'original',
  'comment',
  'forced',
  'hearing_impaired',
  'visual_impaired',
] as const;
export const Disposition = z.enum(keptDispositions);
export type Disposition = z.infer<typeof Disposition>;

/** What a player shows of a track in its menu. */
export const TrackLabels = z.object({
  /** As the source writes it, e.g. `eng`; null where it says nothing. */
  language: z.string().nullable(),
  title: z.string().nullable(),
  dispositions: z.array(Disposition),
});
export type TrackLabels = z.infer<typeof TrackLabels>;

export const noLabels: TrackLabels = { language: null, title: null, dispositions: [] };

const streamIndex = z.number().int().nonnegative();

export const SubtitleTrack = z.object({ index: streamIndex, codec: z.string(), labels: TrackLabels });
export type SubtitleTrack = z.infer<typeof SubtitleTrack>;

/** Seconds on the container's own clock. */
export const Chapter = z.object({
  startSeconds: z.number(),
  endSeconds: z.number(),
  title: z.string().nullable(),
});
export type Chapter = z.infer<typeof Chapter>;

/** A file inside the file: fonts of subtitles, documents. */
export const Attachment = z.object({ index: streamIndex, fileName: z.string(), mimeType: z.string() });
export type Attachment = z.infer<typeof Attachment>;

export const CoverPicture = z.object({ index: streamIndex, codec: z.string() });
export type CoverPicture = z.infer<typeof CoverPicture>;

/** A track of which only the name is known, e.g. `gpmd`. */
export const DataTrack = z.object({
  index: streamIndex,
  kind: z.enum(['timecode', 'chapter-titles', 'data']),
  name: z.string(),
});
export type DataTrack = z.infer<typeof DataTrack>;

/** Everything of a source beside the picture that is rendered and its sound. */
export const SourceExtras = z.object({
  videoLabels: TrackLabels,
  /** Video tracks besides the rendered one. */
  otherVideo: z.array(z.object({ index: streamIndex, label: z.string() })),
  subtitles: z.array(SubtitleTrack),
  chapters: z.array(Chapter),
  attachments: z.array(Attachment),
  covers: z.array(CoverPicture),
  data: z.array(DataTrack),
  /** `hh:mm:ss:ff`, `;` before the frames for drop-frame; null where the source has none. */
  timecode: z.string().nullable(),
  /** The film's own tags, names in lower case; without what muxers write about themselves. */
  tags: z.record(z.string(), z.string()),
  hasDolbyVision: z.boolean(),
});
export type SourceExtras = z.infer<typeof SourceExtras>;

/** Of a source with nothing but picture and sound. */
export const noExtras: SourceExtras = {
  videoLabels: noLabels,
  otherVideo: [],
  subtitles: [],
  chapters: [],
  attachments: [],
  covers: [],
  data: [],
  timecode: null,
  tags: {},
  hasDolbyVision: false,
};
