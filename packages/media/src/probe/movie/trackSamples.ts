import type { TrackTables } from './movieTables.ts';

/** Where the samples of one track lie, in the order they are decoded. */
export interface SamplePlaces {
  readonly positions: Float64Array;
  readonly sizes: Uint32Array;
}

/** When they are decoded and shown, as FFmpeg states it. */
export interface SampleTimes {
  readonly dts: Float64Array;
  readonly pts: Float64Array;
}

export interface SampleLimits {
  readonly fileBytes: number;
  /** More samples are not read into memory. */
  readonly samples: number;
}

/** FFmpeg takes larger offsets for a broken table. */
const largestOffset = 2 ** 27;

/** Null where the tables disagree with each other or with the file: samples of no bytes, or beyond its end. */
export function samplePlaces(track: TrackTables, limits: SampleLimits): SamplePlaces | null {
  const sizes = sizesOf(track, limits);
  const positions = sizes && positionsOf(track, { sizes, fileBytes: limits.fileBytes });
  return sizes && positions ? { sizes, positions } : null;
}

/** Null where the tables disagree, hold offsets FFmpeg would not believe, or an edit hides a picture. */
export function sampleTimes(track: TrackTables, count: number): SampleTimes | null {
  const durations = spelledOut(track.durations, count);
  const offsets = track.offsets === null ? new Int32Array(count) : spelledOut(track.offsets, count);
  if (durations === null || offsets === null) return null;
  const early = track.offsets === null ? 0 : earliest(track.offsets);
  const [dts, pts] = [new Float64Array(count), new Float64Array(count)];
  let decodeTime = 0;
  for (let at = 0; at < count; at += 1) {
    const [duration = 0, offset = 0] = [durations[at], offsets[at]];
    if (duration <= 0 || offset < -early || Math.abs(offset) > largestOffset) return null;
    dts[at] = decodeTime - early;
    pts[at] = decodeTime + offset;
    decodeTime += duration;
  }
  return track.edit === null ? { dts, pts } : edited({ dts, pts }, track.edit);
}

/** When the last sample begins, in the track's own time; null unless the durations are those of all samples. */
export function lastSampleTicks(track: TrackTables, count: number): number | null {
  const runs = entriesOf(track.durations, 2);
  if (!runs || runs.count === 0) return null;
  let [samples, ticks] = [0, 0];
  for (let at = 0; at < runs.numbers.length; at += 2) {
    const [held = 0, duration = 0] = [runs.numbers[at], runs.numbers[at + 1]];
    samples += held;
    ticks += held * duration;
  }
  return samples === count && Number.isSafeInteger(ticks) ? ticks - (runs.numbers.at(-1) ?? 0) : null;
}

/** Numbers of a table's entries: version, flags and a count stand before them. Null unless they fill it. */
function entriesOf(table: Buffer, numbersEach: number): { count: number; numbers: Uint32Array } | null {
  if (table.length < 8) return null;
  const count = table.readUInt32BE(4);
  return table.length === 8 + 4 * count * numbersEach ? { count, numbers: numbersOf(table.subarray(8)) } : null;
}

/** All at once: a call for each of a million numbers is most of what reading them costs. */
function numbersOf(bytes: Buffer): Uint32Array {
  const copy = new Uint8Array(bytes);
  if (isLittleEndian) Buffer.from(copy.buffer).swap32();
  return new Uint32Array(copy.buffer);
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function sizesOf(track: TrackTables, { samples, fileBytes }: SampleLimits): Uint32Array | null {
  const table = track.sizes;
  if (table.length < 12) return null;
  const [each, count] = [table.readUInt32BE(4), table.readUInt32BE(8)];
  if (count === 0 || count > samples || table.length !== 12 + (each === 0 ? 4 * count : 0)) return null;
  // raw sound has one size for all; FFmpeg cuts it into packets of its own
  if (each !== 0 && track.handler === 'soun') return null;
  const sizes = each === 0 ? numbersOf(table.subarray(12)) : new Uint32Array(count).fill(each);
  let total = 0;
  for (const size of sizes) {
    if (size === 0) return null;
    total += size;
  }
  return total <= fileBytes ? sizes : null;
}

function positionsOf(
  track: TrackTables,
  { sizes, fileBytes }: { sizes: Uint32Array; fileBytes: number },
): Float64Array | null {
  const chunks = entriesOf(track.chunkOffsets, track.isWide ? 2 : 1);
  const runs = entriesOf(track.chunkRuns, 3);
  if (!chunks || !runs || runs.count === 0) return null;
  const positions = new Float64Array(sizes.length);
  let sample = 0;
  let run = 0;
  for (let chunk = 0; chunk < chunks.count; chunk += 1) {
    if (runs.numbers[3 * run] === chunk + 1) run += 1;
    const held = runs.numbers[3 * run - 2] ?? 0;
    if (runs.numbers[3 * run - 1] !== 1 || held === 0 || held > sizes.length - sample) return null;
    let position = chunkPosition(chunks.numbers, chunk, track.isWide);
    for (const end = sample + held; sample < end; sample += 1) {
      positions[sample] = position;
      position += sizes[sample] ?? 0;
    }
    if (position > fileBytes) return null;
  }
  // each run was reached, so they ascend
  return sample === sizes.length && run === runs.count ? positions : null;
}

const chunkPosition = (numbers: Uint32Array, chunk: number, isWide: boolean): number =>
  isWide ? (numbers[2 * chunk] ?? 0) * 2 ** 32 + (numbers[2 * chunk + 1] ?? 0) : (numbers[chunk] ?? 0);

/** FFmpeg moves decode times back by the most negative offset, and leaves the last two runs out of that search. */
function earliest(table: Buffer): number {
  let early = 0;
  for (let at = 8; at + 16 < table.length; at += 8) early = Math.max(early, -table.readInt32BE(at + 4));
  return early;
}

/** The first picture is shown when the empty edit ends. Null where the edit hides one. */
function edited(
  { dts, pts }: SampleTimes,
  { emptyTicks, startTicks, endTicks }: NonNullable<TrackTables['edit']>,
): SampleTimes | null {
  let first = Number.POSITIVE_INFINITY;
  for (const time of pts) {
    if (time < startTicks || time >= endTicks) return null;
    if (time < first) first = time;
  }
  const shift = emptyTicks - first;
  return { dts: dts.map((time) => time + shift), pts: pts.map((time) => time + shift) };
}

/** `stts` and `ctts`: runs of samples with the same value; null unless they count all samples and no more. */
function spelledOut(table: Buffer, count: number): Int32Array | null {
  const runs = entriesOf(table, 2);
  if (!runs) return null;
  const values = new Int32Array(count);
  let filled = 0;
  for (let at = 0; at < runs.numbers.length; at += 2) {
    const [held = 0, value = 0] = [runs.numbers[at], runs.numbers[at + 1]];
    if (held === 0 || held > count - filled) return null;
    values.fill(value, filled, filled + held);
    filled += held;
  }
  return filled === count ? values : null;
}

/**
 * 1 for each sample from which decoding can start: numbers from 1, ascending. No table: all; null for an empty one, and
 * for numbers in disorder.
 */
export function syncFlags(table: Buffer | null, count: number): Uint8Array | null {
  if (table === null) return new Uint8Array(count).fill(1);
  const entries = entriesOf(table, 1);
  if (!entries || entries.count === 0) return null;
  const flags = new Uint8Array(count);
  let previous = 0;
  for (const sample of entries.numbers) {
    if (sample <= previous || sample > count) return null;
    flags[sample - 1] = 1;
    previous = sample;
  }
  return flags;
}
