import type { ChunkQuality } from '@reelmill/media';

const share = 0.05;

/** The 5 % of chunks (at least one) whose pictures differ most from the source, worst first. */
export function worstChunks(chunks: readonly ChunkQuality[]): ChunkQuality[] {
  const count = Math.max(1, Math.ceil(chunks.length * share));
  return [...chunks].sort((a, b) => a.ssimMean - b.ssimMean || a.index - b.index).slice(0, count);
}
