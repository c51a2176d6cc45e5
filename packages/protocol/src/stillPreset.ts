import { z } from 'zod';
import { RenditionId } from './ids.ts';
import type { Preset } from './preset.ts';

const head = {
  id: RenditionId,
  name: z.string().min(1).max(60),
  description: z.string().max(300),
  /** Encoder threads: bytes depend on them. */
  threads: z.literal(1),
};

/** 100: the best the format gives. PNG loses nothing at any. */
const quality = z.number().int().min(1).max(100);
const pixels = z.number().int().min(16).max(4096);

export const PictureFormat = z.enum(['jpeg', 'png', 'webp']);
export type PictureFormat = z.infer<typeof PictureFormat>;

/** Pictures a second as an exact fraction, from one an hour. */
const PictureRate = z
  .strictObject({ num: z.number().int().min(1).max(240_000), den: z.number().int().min(1).max(3_600_000) })
  .refine(({ num, den }) => num / den <= 240 && num / den >= 1 / 3600, {
    message: 'must be one an hour to 240 a second',
  });

/** One JPEG of exactly this size, the whole picture on black. */
const ThumbnailPreset = z.strictObject({
  kind: z.literal('thumbnail'),
  ...head,
  quality,
  width: pixels,
  height: pixels,
});

/** Sheets of small pictures at an interval, with a WebVTT file that tells where each is. */
const SpritesPreset = z.strictObject({
  kind: z.literal('sprites'),
  ...head,
  quality,
  /** Pixels; the height follows from the picture. */
  tileWidth: z.number().int().min(16).max(400),
  columns: z.number().int().min(1).max(12),
  rows: z.number().int().min(1).max(12),
  /** Whole milliseconds. */
  intervalSeconds: z.number().min(0.1).max(3600),
});

/** A few seconds of the film that move and loop, without sound. */
const PreviewPreset = z.strictObject({
  kind: z.literal('preview'),
  ...head,
  format: z.enum(['webp', 'gif']),
  /** GIF has none. */
  quality,
  /** Longest side, pixels; never enlarged. */
  longestSide: z.number().int().min(16).max(1024),
  seconds: z.number().min(0.5).max(15),
  frameRate: z
    .strictObject({ num: z.number().int().min(1).max(30_000), den: z.number().int().min(1).max(1001) })
    .refine(({ num, den }) => num / den >= 1 && num / den <= 30, { message: 'must be 1 to 30 frames a second' }),
});

/** The frames shown at regular instants, each as a picture of its own. */
const FramesPreset = z.strictObject({
  kind: z.literal('frames'),
  ...head,
  format: PictureFormat,
  quality,
  frameRate: PictureRate,
  /** Fits this box, given for landscape pictures; never enlarged. null: the size of the source. */
  box: z.strictObject({ width: pixels, height: pixels }).nullable(),
});

/** A preset whose output is pictures instead of a film. */
export const StillPreset = z.discriminatedUnion('kind', [ThumbnailPreset, SpritesPreset, PreviewPreset, FramesPreset]);
export type StillPreset = z.infer<typeof StillPreset>;

/** Presets of films have no `kind`. */
export type AnyPreset = Preset | StillPreset;

export const isStillPreset = (preset: AnyPreset): preset is StillPreset => 'kind' in preset;
/** A film or its sound: what is played. */
export const isTimedPreset = (preset: AnyPreset): preset is Preset => !isStillPreset(preset);
