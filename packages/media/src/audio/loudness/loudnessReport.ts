import { z } from 'zod';

/** Loudness of a whole track (ITU-R BS.1770-4, EBU Tech 3341 and 3342). */
export const MeasuredLoudness = z.object({
  /** LUFS; null: silent, below -70 LUFS, or shorter than one gating block of 0.4 s. */
  integratedLufs: z.number().nullable(),
  /** dBTP; null for digital silence. */
  truePeakDb: z.number().nullable(),
  rangeLu: z.number(),
});
export type MeasuredLoudness = z.infer<typeof MeasuredLoudness>;

export const LoudnessReport = z.object({
  /** `gain`: every sample by one factor. `dynamic`: peaks limited or range narrowed. `unchanged`: nothing to go by. */
  mode: z.enum(['gain', 'dynamic', 'unchanged']),
  source: MeasuredLoudness,
  /** Of the encoded track. */
  output: MeasuredLoudness,
});
export type LoudnessReport = z.infer<typeof LoudnessReport>;
