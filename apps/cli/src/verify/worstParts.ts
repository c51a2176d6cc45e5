import type { ChunkQuality, SoundMinute, StillQuality } from '@reelmill/media';

const share = 0.05;

/** The 5 % of chunks (at least one) whose pictures differ most from the source, worst first. */
export function worstChunks(chunks: readonly ChunkQuality[]): ChunkQuality[] {
  return worst(chunks, (a, b) => a.ssimMean - b.ssimMean || a.index - b.index);
}

/** The same share of minutes whose sound is least like that of the source: another wave, then more error. */
export function worstMinutes(minutes: readonly SoundMinute[]): SoundMinute[] {
  const error = ({ rmsErrorDb }: SoundMinute): number => rmsErrorDb ?? Number.NEGATIVE_INFINITY;
  const likeness = ({ correlation }: SoundMinute): number => correlation ?? 1;
  return worst(minutes, (a, b) => likeness(a) - likeness(b) || (error(a) < error(b) ? 1 : -1));
}

/** The same share of pictures. */
export function worstPictures(pictures: readonly StillQuality[]): StillQuality[] {
  return worst(pictures, (a, b) => a.ssim - b.ssim || a.frame - b.frame);
}

function worst<Part>(parts: readonly Part[], compare: (a: Part, b: Part) => number): Part[] {
  return [...parts].sort(compare).slice(0, Math.max(1, Math.ceil(parts.length * share)));
}
