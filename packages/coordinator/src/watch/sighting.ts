/** What a look at a file tells. The inode only of files under way: network drives number theirs anew at each connection. */
export interface Sight {
  readonly sizeBytes: number;
  /** Decimal: nanoseconds are more than a number holds. */
  readonly mtimeNs: string;
  readonly inode: string;
}

/** What stays of a sight for ever. */
export type Content = Omit<Sight, 'inode'>;

/** A file as it was found at several looks. */
export interface Sighting {
  readonly sight: Sight;
  /** End of the first look that found it like this, by a monotonic clock. */
  readonly sinceMs: number;
  /** Beginning of the last. */
  readonly lookedMs: number;
}

/** By a monotonic clock: a look at a network drive may take its time. */
export interface LookTimes {
  readonly startedMs: number;
  readonly endedMs: number;
}

/** A file is left alone as long as it changed within this time (check 37). */
export const fileStableMs = 5_000;
/** Frames of a render come one by one. */
export const sequenceStableMs = 60_000;

/** Whether it is the same content as far as a look can tell. */
export const isSameContent = (one: Content, other: Content): boolean =>
  one.sizeBytes === other.sizeBytes && one.mtimeNs === other.mtimeNs;

/** The sighting after one more look. Pure. */
export function looked(before: Sighting | undefined, sight: Sight, { startedMs, endedMs }: LookTimes): Sighting {
  const unchanged = before !== undefined && isSameContent(before.sight, sight) && before.sight.inode === sight.inode;
  return unchanged ? { ...before, lookedMs: startedMs } : { sight, sinceMs: endedMs, lookedMs: startedMs };
}

/** Seen unchanged by two looks that lie `stableMs` apart: time that passed without a look proves nothing. */
export const isStable = ({ sinceMs, lookedMs }: Sighting, stableMs: number): boolean => lookedMs - sinceMs >= stableMs;
