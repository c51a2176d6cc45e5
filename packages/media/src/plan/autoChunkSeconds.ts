/** Long films: a chunk costs so much CPU that its overhead of about 0.25 s disappears. */
const longChunkCostSeconds = 10;
/** Short clips: still worth its own process. */
const shortChunkCostSeconds = 2;
/** Between the two, a film is cut into about so many chunks. */
const wantedChunks = 8;
/** No chunk is shorter than this: key frames are costly. */
const shortestChunkSeconds = 2;
/** Cheap films: a lost attempt loses no more than this. */
const longestChunkSeconds = 60;

/**
 * Chunk length where the user names none: a pure function of the film's length and its predicted cost, never of the
 * farm (decision 2). From 4 s on there are at least two chunks.
 */
export function autoChunkSeconds(durationSeconds: number, costSeconds: number): number {
  const chunkCost = Math.min(longChunkCostSeconds, Math.max(shortChunkCostSeconds, costSeconds / wantedChunks));
  // even: two slots, the least a farm has, end together
  const byCost = Math.max(1, 2 * Math.round(costSeconds / chunkCost / 2));
  const atLeast = Math.max(durationSeconds / longestChunkSeconds, durationSeconds >= 2 * shortestChunkSeconds ? 2 : 1);
  const atMost = Math.max(1, Math.floor(durationSeconds / shortestChunkSeconds));
  const chunks = Math.min(atMost, Math.max(Math.ceil(atLeast), byCost));
  // rounded up, so that the last chunk is the short one and no sliver remains
  return Math.max(0.001, Math.ceil((durationSeconds / chunks) * 1000) / 1000);
}
