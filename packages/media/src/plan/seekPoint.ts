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

/**
 * The key frame to seek to for a chunk that begins with frame `first`: the third-last with pts ≤ pts[first], and at
 * least one more than what covers the edge frames before it. Nearer ones are silently wrong on open GOPs, transport
 * streams and intra refresh (design document, "Cutting").
 * @returns its pts, or null: read from the start of the file.
 */
export function seekKeyframePts(pts: readonly number[], keyframePts: readonly number[], first: number): number | null {
  const firstPts = pts[first] ?? 0;
  const edgePts = pts[Math.max(0, first - edgeFrames)] ?? 0;
  const thirdLast = countUpTo(keyframePts, firstPts) - 3;
  const beforeEdge = countUpTo(keyframePts, edgePts) - 2;
  const chosen = Math.min(thirdLast, beforeEdge);
  return chosen > 0 ? (keyframePts[chosen] ?? null) : null;
}
