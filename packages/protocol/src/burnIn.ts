import { z } from 'zod';

/** Where burned-in timecode stands. */
export const TextPosition = z.enum(['top-left', 'top', 'top-right', 'bottom-left', 'bottom', 'bottom-right']);
export type TextPosition = z.infer<typeof TextPosition>;

/** Height of the letters, percent of the picture's height; never wider than the picture. */
const sizePercent = z.number().min(2).max(20);

/** Every picture shows its own time: the source's timecode, else counted from 00:00:00:00. */
const BurnedTimecode = z.strictObject({
  position: TextPosition.default('bottom-left'),
  sizePercent: sizePercent.default(5),
});

/**
 * Which text track of the source: the one marked as default (else the first), a language as the source writes it, or
 * its number among all subtitle tracks, from 1.
 */
export const SubtitleChoice = z.union([
  z.literal('default'),
  z.string().regex(/^[a-z]{2,3}$/, { message: 'must be default, a language such as eng, or a number' }),
  z.number().int().min(1).max(256),
]);
export type SubtitleChoice = z.infer<typeof SubtitleChoice>;

/** `sizePercent` is for tracks without a style of their own; ASS and SSA keep theirs. */
const BurnedSubtitle = z.strictObject({
  track: SubtitleChoice.default('default'),
  sizePercent: sizePercent.default(5.5),
});

/** What is drawn into the picture for good; null: nothing. */
export const burnInFields = {
  burnTimecode: BurnedTimecode.nullable().default(null),
  burnSubtitle: BurnedSubtitle.nullable().default(null),
};
