import { z } from 'zod';

/** What happens where numbers are missing: refuse, show the frame before again, or close the gap. */
export const GapPolicy = z.enum(['fail', 'hold', 'skip']);
export type GapPolicy = z.infer<typeof GapPolicy>;

/** Frames per second as an exact fraction: 24 is 24/1, 23.976 is 24000/1001. */
export const FrameRate = z.object({
  num: z.number().int().positive().max(1_000_000),
  den: z.number().int().positive().max(1_000_000),
});
export type FrameRate = z.infer<typeof FrameRate>;

export const SequenceSettings = z.object({ frameRate: FrameRate, gaps: GapPolicy });
export type SequenceSettings = z.infer<typeof SequenceSettings>;

/** Film's rate; frames that lie where a number is missing are not guessed. */
export const defaultSequenceSettings: SequenceSettings = { frameRate: { num: 24, den: 1 }, gaps: 'fail' };

/** A numbered run of image files in one folder: `prefix` + number + `suffix`. */
export const ImageSequence = z.object({
  folder: z.string(),
  prefix: z.string(),
  suffix: z.string(),
  /** Width to which numbers are padded with zeros; 1: not padded. */
  digits: z.number().int().min(1).max(20),
  first: z.number().int().nonnegative(),
  last: z.number().int().nonnegative(),
});
export type ImageSequence = z.infer<typeof ImageSequence>;

const ntscDenominator = 1001;

/** `24`, `23.976`, `29.97`, `24000/1001` → the exact fraction; null where the text is no frame rate. */
export function parseFrameRate(text: string): FrameRate | null {
  const fraction = /^(\d+)\/(\d+)$/.exec(text);
  const value = fraction ? Number(fraction[1]) / Number(fraction[2]) : Number(text);
  if (!Number.isFinite(value) || value <= 0 || value > 1000) return null;
  if (fraction) return FrameRate.safeParse({ num: Number(fraction[1]), den: Number(fraction[2]) }).data ?? null;
  if (Number.isInteger(value)) return { num: value, den: 1 };
  const whole = Math.round((value * ntscDenominator) / 1000);
  if (Math.abs((whole * 1000) / ntscDenominator - value) < 0.002) return { num: whole * 1000, den: ntscDenominator };
  return { num: Math.round(value * 1000), den: 1000 };
}
