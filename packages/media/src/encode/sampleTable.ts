import { type FileHandle, open } from 'node:fs/promises';
import { type Box, childBoxes, findBoxes, findTracks, readBytes } from '../assemble/boxes.ts';
import type { StreamPackets } from '../verify/readPackets.ts';

/** Beyond this a table is no chunk's: tables are read into memory. */
const mostTableBytes = 64 * 1024 * 1024;
/** A run of a table: so many samples with the same value. */
type Run = readonly [count: number, value: number];

/**
 * Times of the samples of a finished chunk, from the tables of its own header (ISO/IEC 14496-12, 8.6): what FFprobe
 * would tell, without a process. Null for anything but the plain form that FFmpeg's muxer writes: one picture track,
 * no fragments, at most one edit that hides nothing, and exactly the bytes that the table counts.
 */
export async function readSampleTable(path: string): Promise<Pick<StreamPackets, 'pts' | 'shown' | 'timeBase'> | null> {
  const file = await open(path, 'r');
  try {
    const [tracks, pictures] = [await findBoxes(file, ['moov', 'trak']), await findTracks(file, 'vide')];
    const [track] = pictures;
    if (!track || tracks.length !== 1) return null;
    const facts = await trackFacts(file, track);
    return facts && (await holdsAllSamples(file, facts.sampleBytes)) ? timesOf(facts) : null;
  } finally {
    await file.close();
  }
}

interface TrackFacts {
  /** Ticks per second of the track, and of the movie its edits are counted in. */
  readonly timescale: number;
  readonly movieTimescale: number;
  readonly durations: readonly Run[];
  readonly offsets: readonly Run[];
  readonly edit: { readonly lengthMovieTicks: number; readonly mediaTime: number } | null;
  readonly samples: number;
  readonly sampleBytes: number;
}

async function trackFacts(file: FileHandle, track: Box): Promise<TrackFacts | null> {
  const [[movieHeader], [header], [table]] = await Promise.all([
    findBoxes(file, ['moov', 'mvhd']),
    findBoxes(file, ['mdia', 'mdhd'], track),
    findBoxes(file, ['mdia', 'minf', 'stbl'], track),
  ]);
  if (!movieHeader || !header || !table) return null;
  const tables = await childBoxes(file, table.start, table.end);
  const content = async (type: string): Promise<Buffer | null> => {
    const box = tables.find((one) => one.type === type);
    return box && box.end - box.start <= mostTableBytes ? readBytes(file, box.start, box.end - box.start) : null;
  };
  const [durations, offsets, sizes] = [await content('stts'), await content('ctts'), await content('stsz')];
  const edit = await onlyEdit(file, track);
  if (durations === null || sizes === null || edit === 'several') return null;
  return {
    timescale: await timescaleOf(file, header),
    movieTimescale: await timescaleOf(file, movieHeader),
    durations: runsOf(durations),
    offsets: offsets === null ? [] : runsOf(offsets),
    edit,
    ...sizesOf(sizes),
  };
}

/** `mdhd` and `mvhd` begin alike: version and flags, two dates, ticks per second. */
async function timescaleOf(file: FileHandle, header: Box): Promise<number> {
  const bytes = await readBytes(file, header.start, 24);
  return bytes.readUInt32BE(bytes[0] === 1 ? 20 : 12);
}

/** `stts` and `ctts`; FFmpeg writes offsets of version 0 for both signs, so they are read as signed. */
function runsOf(bytes: Buffer): Run[] {
  const count = Math.min(bytes.readUInt32BE(4), Math.floor((bytes.length - 8) / 8));
  return Array.from({ length: count }, (_, at) => [bytes.readUInt32BE(8 + 8 * at), bytes.readInt32BE(12 + 8 * at)]);
}

function sizesOf(bytes: Buffer): { samples: number; sampleBytes: number } {
  const [each, samples] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8)];
  if (each !== 0) return { samples, sampleBytes: each * samples };
  const listed = Math.min(samples, Math.floor((bytes.length - 12) / 4));
  let sampleBytes = 0;
  for (let at = 0; at < listed; at += 1) sampleBytes += bytes.readUInt32BE(12 + 4 * at);
  return { samples: listed, sampleBytes };
}

async function onlyEdit(file: FileHandle, track: Box): Promise<TrackFacts['edit'] | 'several'> {
  const [list] = await findBoxes(file, ['edts', 'elst'], track);
  if (!list) return null;
  const bytes = await readBytes(file, list.start, Math.min(list.end - list.start, 28));
  if (bytes.length < 20 || bytes.readUInt32BE(4) !== 1) return 'several';
  return bytes[0] === 1
    ? { lengthMovieTicks: Number(bytes.readBigUInt64BE(8)), mediaTime: Number(bytes.readBigInt64BE(16)) }
    : { lengthMovieTicks: bytes.readUInt32BE(8), mediaTime: bytes.readInt32BE(12) };
}

/** A file that was cut short, or holds more than its table says, is not judged here. */
async function holdsAllSamples(file: FileHandle, sampleBytes: number): Promise<boolean> {
  const data = await findBoxes(file, ['mdat']);
  return data.reduce((sum, box) => sum + box.end - box.start, 0) === sampleBytes;
}

function timesOf(facts: TrackFacts): Pick<StreamPackets, 'pts' | 'shown' | 'timeBase'> | null {
  const { samples, edit, timescale, movieTimescale } = facts;
  const pts = presentationTimes(facts);
  if (pts.length !== samples || samples === 0) return null;
  const start = edit?.mediaTime ?? 0;
  const end = edit === null ? Number.POSITIVE_INFINITY : start + (edit.lengthMovieTicks * timescale) / movieTimescale;
  if (start < 0 || pts.some((time) => time < start || time >= end)) return null;
  return { pts: pts.map((time) => time - start), shown: pts.map(() => true), timeBase: { num: 1, den: timescale } };
}

/** Decode times are sums of durations; each picture is shown its offset later. Empty where the tables disagree. */
function presentationTimes({ durations, offsets, samples }: TrackFacts): number[] {
  const shifts = expand(offsets, samples);
  if (offsets.length > 0 && shifts.length !== samples) return [];
  let decodeTime = 0;
  return expand(durations, samples).map((duration, at) => {
    const shown = decodeTime + (shifts[at] ?? 0);
    decodeTime += duration;
    return shown;
  });
}

function expand(runs: readonly Run[], most: number): number[] {
  const values: number[] = [];
  for (const [count, value] of runs) {
    if (count > most - values.length) return [];
    for (let at = 0; at < count; at += 1) values.push(value);
  }
  return values;
}
