import { TextPosition } from '@reelmill/protocol';
import { z } from 'zod';

/** How the time of a picture is told: its number since the start, or where no steady rate counts, the time itself. */
export const TimecodeClock = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('frames'),
    /** Number of the film's first frame, counted from 00:00:00:00. */
    startFrame: z.number().int().nonnegative(),
    /** Whole frames a second count for: 30 at 29.97. */
    framesPerSecond: z.number().int().positive(),
    dropFrame: z.boolean(),
  }),
  z.object({ kind: z.literal('time'), startMilliseconds: z.number().int().nonnegative() }),
]);
export type TimecodeClock = z.infer<typeof TimecodeClock>;

const pixels = z.number().int().positive();
const PixelSize = z.object({ width: pixels, height: pixels });

const color = z.string().regex(/^[0-9a-f]{6}$/);

/** What is drawn into the picture: resolved from preset and source, no choice left for a node. */
export const BurnIn = z.object({
  /** Source ticks of the film's first frame: the zero of the film's own time. */
  firstPts: z.number().int(),
  timecode: z
    .object({
      clock: TimecodeClock,
      position: TextPosition,
      fontPixels: z.number().int().positive(),
      marginPixels: z.number().int().nonnegative(),
      color,
    })
    .nullable(),
  subtitle: z
    .object({
      streamIndex: z.number().int().nonnegative(),
      /** Into the small Matroska file that the renderer of the text reads. */
      encoder: z.enum(['copy', 'subrip']),
      /** Moment of the source, on its container's clock, that is 0 of the film. */
      zeroSeconds: z.number(),
      /** Fonts among the source's attachments. */
      fontStreams: z.array(z.number().int().nonnegative()),
      /** null: the track's own style. The size is in 288ths of the picture's height. */
      style: z.object({ fontSize: z.number().positive(), color }).nullable(),
    })
    .nullable(),
  /** Subtitles that are pictures themselves; absent: none. */
  pictures: z
    .object({
      streamIndex: z.number().int().nonnegative(),
      /** Moment of the source, on its container's clock, that is 0 of the film. */
      zeroSeconds: z.number(),
      /** Whether their canvas covers the source's picture whatever its size, and that picture's shape as it is seen. */
      shape: z.object({ coversPicture: z.boolean(), aspect: z.number().positive() }),
      /** The source's picture as it is coded. */
      coded: PixelSize,
      output: PixelSize,
      /** How FFmpeg's `overlay` mixes, and the layout of pixels it wants of them. */
      overlay: z.object({ format: z.string(), pixelFormat: z.string() }),
      matrix: z.enum(['bt709', 'fcc', 'bt470', 'smpte170m', 'smpte240m', 'bt2020']),
      range: z.enum(['tv', 'pc']),
      /** The matrix that the film's own pictures name, as FFmpeg calls it; `unknown`: none. */
      tag: z.string(),
      /** What white becomes, a share of the largest code value. */
      white: z.number().positive().max(1),
    })
    .optional(),
});
export type BurnIn = z.infer<typeof BurnIn>;

/** Stream number of the track of subtitles that is drawn. */
export const burnedStream = (burnIn: BurnIn | undefined): number | undefined =>
  burnIn?.subtitle?.streamIndex ?? burnIn?.pictures?.streamIndex;
