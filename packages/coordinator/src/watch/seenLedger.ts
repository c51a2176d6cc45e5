import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { JobId } from '@reelmill/protocol';
import { z } from 'zod';
import { writePrivate } from '../dataFolder.ts';
import { type Content, isSameContent } from './sighting.ts';
import type { Unit } from './units.ts';

/** One pickup, or an output of the farm that landed here. */
export const Seen = z.object({
  key: z.string(),
  name: z.string(),
  sizeBytes: z.number(),
  mtimeNs: z.string(),
  frames: z
    .object({ first: z.number(), last: z.number(), count: z.number(), pattern: z.string() })
    .nullable()
    .default(null),
  /** Null: made by the farm itself, never picked up. */
  jobId: JobId.nullable(),
  /** ISO 8601. */
  at: z.string(),
  /** Its source was moved, or is to stay for good. */
  settled: z.boolean().default(false),
});
export type Seen = z.infer<typeof Seen>;

/** Every pickup of one watched folder, for ever: what is in it was seen, whatever was unplugged or restarted between. */
export interface SeenLedger {
  /** Whether what a look found is what was picked up before; of a sequence also a part of it. */
  knows(unit: Unit, sight: Content): boolean;
  /** Known from now on at once; resolves once that is durable. */
  note(seen: Seen): Promise<void>;
  /** Files and sequences picked up. */
  pickups(): number;
  lastPickup(): (Seen & { readonly jobId: JobId }) | null;
  /** Pickups whose source is where it was, as far as this coordinator knows. */
  unsettled(): Seen[];
  close(): Promise<void>;
}

/** Lines that later ones replaced are written off beyond so many. */
const staleLinesAtMost = 1_000;

/** Reads the ledger of one folder; a line that a crash cut short does not count. */
export async function openSeenLedger(path: string): Promise<SeenLedger> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const text = await readFile(path, 'utf8').catch((cause: { code?: string }) => {
    if (cause.code === 'ENOENT') return '';
    throw cause;
  });
  const entries = new Map<string, Seen>();
  const patterns = new Map<string, Map<string, Seen>>();
  const unsettled = new Map<string, Seen>();
  let last: ReturnType<SeenLedger['lastPickup']> = null;
  let pickups = 0;
  const place = (seen: Seen): void => {
    const before = entries.get(seen.key)?.jobId ?? null;
    pickups += Number(seen.jobId !== null) - Number(before !== null);
    if (seen.jobId !== null && (last === null || seen.at >= last.at)) last = { ...seen, jobId: seen.jobId };
    if (seen.jobId !== null && !seen.settled) unsettled.set(seen.key, seen);
    else unsettled.delete(seen.key);
    entries.set(seen.key, seen);
    if (seen.frames === null) return;
    const runs = patterns.get(seen.frames.pattern) ?? new Map<string, Seen>();
    patterns.set(seen.frames.pattern, runs.set(seen.key, seen));
  };
  const lines = text.split('\n');
  for (const line of lines) {
    const seen = parseLine(line);
    if (seen !== null) place(seen);
  }
  if (lines.at(-1) !== '' || lines.length > entries.size + staleLinesAtMost) {
    await writePrivate(path, [...entries.values()].map((seen) => `${JSON.stringify(seen)}\n`).join(''));
  }
  const file = await open(path, 'a', 0o600);
  let writing: Promise<unknown> = Promise.resolve();
  const append = async (line: string): Promise<void> => {
    await file.appendFile(line);
    await file.datasync();
  };
  return {
    knows: (unit, sight) => isKnown({ entries, patterns }, unit, sight),
    note(seen) {
      place(seen);
      const written = writing.then(() => append(`${JSON.stringify(seen)}\n`));
      writing = written.catch(() => {});
      return written;
    },
    pickups: () => pickups,
    lastPickup: () => last,
    unsettled: () => [...unsettled.values()],
    async close() {
      await writing;
      await file.close();
    },
  };
}

export const removeSeenLedger = (path: string): Promise<void> => rm(path, { force: true });

interface Known {
  readonly entries: ReadonlyMap<string, Seen>;
  readonly patterns: ReadonlyMap<string, ReadonlyMap<string, Seen>>;
}

/** Frames that were deleted or moved away since do not make a new sequence of the rest. */
function isKnown({ entries, patterns }: Known, { key, frames }: Unit, sight: Content): boolean {
  if (frames === null) {
    const seen = entries.get(key);
    return seen !== undefined && isSameContent(seen, sight);
  }
  for (const seen of patterns.get(frames.pattern)?.values() ?? []) {
    const covers =
      seen.frames !== null &&
      seen.frames.first <= frames.first &&
      frames.last <= seen.frames.last &&
      frames.count <= seen.frames.count &&
      BigInt(sight.mtimeNs) <= BigInt(seen.mtimeNs);
    if (covers && (frames.count < (seen.frames?.count ?? 0) || isSameContent(seen, sight))) return true;
  }
  return false;
}

function parseLine(line: string): Seen | null {
  if (line === '') return null;
  try {
    return Seen.parse(JSON.parse(line));
  } catch {
    return null; // cut short by a crash: its submission is found by its job's id
  }
}
