import { z } from 'zod';

/** A way to use a hardware encoder, as presets ask for it: rate control and bits per sample. Proven one by one. */
export const HardwareForm = z.enum([
  'bitrate',
  'constant-quality',
  'capped-quality',
  'bitrate-10bit',
  'constant-quality-10bit',
  'capped-quality-10bit',
]);
export type HardwareForm = z.infer<typeof HardwareForm>;

const Sentence = z.string().max(300);

/** What a node found out about one hardware encoder of its FFmpeg by encoding a second of pictures with it. */
export const HardwareProof = z.object({
  /** FFmpeg's name, e.g. `h264_nvenc`. */
  encoder: z.string().regex(/^[a-z0-9_]{1,40}$/),
  /** At least one form works. */
  proven: z.boolean(),
  /** What was seen; of one that is not proven, FFmpeg's own words. */
  reason: Sentence,
  /** Every form tried: null where it works. Empty where the first one already failed. */
  forms: z.array(z.object({ form: HardwareForm, whyNot: Sentence.nullable() })).max(HardwareForm.options.length),
});
export type HardwareProof = z.infer<typeof HardwareProof>;

/** All of one node. */
export const HardwareProofs = z.array(HardwareProof).max(40);
export type HardwareProofs = z.infer<typeof HardwareProofs>;
