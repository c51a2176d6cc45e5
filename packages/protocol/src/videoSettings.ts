import { z } from 'zod';
import { burnInFields } from './burnIn.ts';

/** x264 and x265 speeds a user may ask for with `--set speed=`. */
export const EncoderSpeed = z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow']);
export type EncoderSpeed = z.infer<typeof EncoderSpeed>;

const Pixels = z.number().int().min(16).max(16_384);
const PictureBox = z.strictObject({ width: Pixels, height: Pixels });
export type PictureBox = z.infer<typeof PictureBox>;

/** Frames per second as an exact fraction, e.g. 30000/1001. */
const OutputRate = z
  .strictObject({ num: z.number().int().min(1).max(240_000), den: z.number().int().min(1).max(10_000) })
  .refine(({ num, den }) => num / den >= 1 && num / den <= 240, { message: 'must be 1 to 240 frames a second' });
export type OutputRate = z.infer<typeof OutputRate>;

/** What happens to the picture before it is encoded. Never upscales, always even sizes and square pixels. */
const pictureFields = {
  /** Box of the output, pixels; null: the size of the source. */
  box: PictureBox.nullable(),
  /**
   * `inside`: fits the box, which is given for landscape pictures (portrait swaps it). `crop`, `pad`: the shape of the
   * box exactly as given, the picture cut to it or laid on black.
   */
  fit: z.enum(['inside', 'crop', 'pad']).default('inside'),
  /** Interlaced pictures become progressive, one frame per frame. */
  deinterlace: z.boolean().default(false),
  /** HDR (PQ, HLG) becomes BT.709; false: tags are kept. */
  toneMap: z.boolean().default(false),
  /** Constant rate of the output; null: the frames of the source at their own times. */
  frameRate: OutputRate.nullable().default(null),
  ...burnInFields,
};

const bitsPerSecond = z.number().int().min(10_000).max(2_000_000_000);
const bits = z.number().int().min(10_000).max(4_000_000_000);
const crfOf = (largest: number) => z.number().min(0).max(largest);

/** How an encoder decides on bytes. `maxBitrate` and `bufferBits` are the rate and the size of the decoder's buffer (VBV). */
const rateModes = (largestCrf: number) => {
  const crf = crfOf(largestCrf);
  return [
    z.strictObject({ mode: z.literal('constant-quality'), crf }),
    z.strictObject({ mode: z.literal('capped-quality'), crf, maxBitrate: bitsPerSecond, bufferBits: bits }),
    z.strictObject({
      mode: z.literal('bitrate'),
      bitrate: bitsPerSecond,
      maxBitrate: bitsPerSecond,
      bufferBits: bits,
    }),
  ] as const;
};
/** So many bytes of the whole output, sound and container included: two passes over the whole film. */
const TargetSize = z.strictObject({
  mode: z.literal('target-size'),
  bytes: z.number().int().min(10_000).max(1_000_000_000_000),
});
const X26xRate = z.discriminatedUnion('mode', [...rateModes(51), TargetSize]);
const Av1Rate = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('constant-quality'), crf: crfOf(63) }),
  TargetSize,
]);
const Vp9Rate = z.discriminatedUnion('mode', [...rateModes(63), TargetSize]);
export type RateControl = z.infer<typeof X26xRate>;

const keyframeIntervalFrames = z.number().int().min(1).max(250);
const bitDepth = z.union([z.literal(8), z.literal(10)]);

/** `hardware`: by what a node proved to have, never mixed with software within a rendition. */
const encoder = z.enum(['software', 'hardware']).default('software');

const H264Video = z.strictObject({
  codec: z.literal('h264'),
  encoder,
  speed: EncoderSpeed,
  rate: X26xRate,
  keyframeIntervalFrames,
  ...pictureFields,
});
const HevcVideo = z.strictObject({
  codec: z.literal('hevc'),
  encoder,
  speed: EncoderSpeed,
  bitDepth,
  rate: X26xRate,
  keyframeIntervalFrames,
  ...pictureFields,
});
const Av1Video = z.strictObject({
  codec: z.literal('av1'),
  /** SVT-AV1 preset: 4 slow … 12 fast. */
  speed: z.number().int().min(4).max(12),
  bitDepth,
  rate: Av1Rate,
  keyframeIntervalFrames,
  ...pictureFields,
});
const Vp9Video = z.strictObject({
  codec: z.literal('vp9'),
  /** libvpx `cpu-used`: 0 slow … 5 fast. */
  speed: z.number().int().min(0).max(5),
  rate: Vp9Rate,
  keyframeIntervalFrames,
  ...pictureFields,
});
const ProresVideo = z.strictObject({
  codec: z.literal('prores'),
  profile: z.enum(['proxy', 'lt', 'standard', 'hq', '4444']),
  ...pictureFields,
});
const DnxhrVideo = z.strictObject({
  codec: z.literal('dnxhr'),
  /** `hqx` is 10-bit, the others 8-bit; all 4:2:2. */
  profile: z.enum(['lb', 'sq', 'hq', 'hqx']),
  ...pictureFields,
});
const Ffv1Video = z.strictObject({
  codec: z.literal('ffv1'),
  /** Coded pixels as they are: no scaling, no rotation, same pixel format. */
  keepCodedPixels: z.literal(true),
});

/** The picture of a preset: one form per codec, no raw encoder or filter text. */
export const VideoSettings = z.discriminatedUnion('codec', [
  H264Video,
  HevcVideo,
  Av1Video,
  Vp9Video,
  ProresVideo,
  DnxhrVideo,
  Ffv1Video,
]);
export type VideoSettings = z.infer<typeof VideoSettings>;
