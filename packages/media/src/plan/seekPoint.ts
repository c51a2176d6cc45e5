/** How many frames before a chunk must come out exactly: their checksums are the overlap proof (decision 4). */
export const edgeFrames = 3;

/** Number of elements of an ascending list that are ≤ value. */
export function countUpTo(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Decoders learn the reordering depth of a stream on the way: at most the 16 frames of a full picture buffer. */
const warmUpFrames = 16;
/** A cut this far behind a clean key frame decodes least before it. */
export const shortestLeadFrames = edgeFrames + warmUpFrames;

export interface SeekInput {
  /** Ascending, as in the source index. */
  readonly pts: readonly number[];
  readonly keyframePts: readonly number[];
  readonly cleanKeyframePts: readonly number[];
}

/**
 * The key frame to seek to for a chunk that begins with frame `first`: the third-last with pts ≤ pts[first], and at
 * least one more than what covers the edge frames before it. Nearer ones are silently wrong on open GOPs, transport
 * streams and intra refresh (design document, "Cutting") — unless the stream itself proves them clean.
 * @returns its pts, or null: read from the start of the file.
 */
export function seekKeyframePts(input: SeekInput, first: number): number | null {
  const before = thirdLastKeyframePts(input, first);
  const clean = nearestCleanKeyframePts(input, first);
  if (clean === null || (before !== null && before >= clean)) return before;
  return clean === input.keyframePts[0] ? null : clean;
}

function thirdLastKeyframePts({ pts, keyframePts }: SeekInput, first: number): number | null {
  const firstPts = pts[first] ?? 0;
  const edgePts = pts[Math.max(0, first - edgeFrames)] ?? 0;
  const thirdLast = countUpTo(keyframePts, firstPts) - 3;
  const beforeEdge = countUpTo(keyframePts, edgePts) - 2;
  const chosen = Math.min(thirdLast, beforeEdge);
  return chosen > 0 ? (keyframePts[chosen] ?? null) : null;
}

function nearestCleanKeyframePts({ pts, cleanKeyframePts }: SeekInput, first: number): number | null {
  const latestFrame = first - shortestLeadFrames;
  if (latestFrame < 0) return null;
  const chosen = countUpTo(cleanKeyframePts, pts[latestFrame] ?? 0) - 1;
  return cleanKeyframePts[chosen] ?? null;
}
