import { type BoxBytes, boxesOf, knownBoxes, onlyBox } from './boxBytes.ts';
import { type Edit, editOf } from './editList.ts';

/** Tables of one track as they lie in the file (ISO/IEC 14496-12, 8.5 to 8.7); nothing of them is checked yet. */
export interface TrackTables {
  /** `vide`, `soun`, or of something else. */
  readonly handler: string;
  /** Four characters of the only sample description, and what follows them. */
  readonly format: string;
  readonly description: Buffer;
  /** Ticks per second. */
  readonly timescale: number;
  /** null: no edit list. */
  readonly edit: Edit | null;
  readonly durations: Buffer;
  /** null: pictures are shown in the order they are decoded. */
  readonly offsets: Buffer | null;
  /** null: every sample is one from which decoding can start. */
  readonly syncSamples: Buffer | null;
  readonly sizes: Buffer;
  readonly chunkRuns: Buffer;
  readonly chunkOffsets: Buffer;
  /** Chunk offsets of 64 bits. */
  readonly isWide: boolean;
}

const names = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const inMovie = names('mvhd trak udta meta iods free skip wide');
const inTrack = names('tkhd edts mdia tref udta meta tapt load free skip');
const inMedia = names('mdhd hdlr minf udta');
const inMediaInformation = names('vmhd smhd nmhd gmhd hdlr dinf stbl sthd');
const inSampleTable = names('stsd stts ctts stss stsz stsc stco co64 sdtp sgpd sbgp');

/**
 * The tables of all tracks, in the order of FFmpeg's streams. Null for whatever is not plain: fragments, compressed
 * headers, media in other files, several or encrypted sample descriptions, groups of samples other than priming, edits
 * beyond one of a track and an empty one before it.
 * @param movie content of the `moov` box
 */
export function movieTables(movie: Buffer): TrackTables[] | null {
  const boxes = knownBoxes(movie, inMovie);
  const header = boxes && onlyBox(boxes, 'mvhd');
  const movieTimescale = header && timescaleOf(header);
  if (!boxes || !movieTimescale) return null;
  const tracks: TrackTables[] = [];
  for (const { type, content } of boxes) {
    if (type !== 'trak') continue;
    const track = trackTables(content, movieTimescale);
    if (track === null) return null;
    tracks.push(track);
  }
  return tracks;
}

function trackTables(track: Buffer, movieTimescale: number): TrackTables | null {
  const boxes = knownBoxes(track, inTrack);
  const media = boxes && knownBoxes(onlyBox(boxes, 'mdia'), inMedia);
  const information = media && knownBoxes(onlyBox(media, 'minf'), inMediaInformation);
  const table = information && knownBoxes(onlyBox(information, 'stbl'), inSampleTable);
  if (!boxes || !media || !information || !table || !isWithinFile(information)) return null;
  const header = onlyBox(media, 'mdhd');
  const handler = onlyBox(media, 'hdlr');
  const timescale = header && timescaleOf(header);
  if (!timescale || !handler || handler.length < 12) return null;
  const edit = editOf(boxes, { timescale, movieTimescale });
  const samples = sampleTables(table);
  if (edit === 'unusual' || samples === null) return null;
  return { handler: handler.toString('latin1', 8, 12), timescale, edit, ...samples };
}

function sampleTables(table: readonly BoxBytes[]) {
  const optional = (type: string) => table.filter((box) => box.type === type);
  const tables = [onlyBox(table, 'stts'), onlyBox(table, 'stsz'), onlyBox(table, 'stsc')] as const;
  const [durations, sizes, chunkRuns] = tables;
  const [offsets, syncSamples] = [optional('ctts'), optional('stss')];
  const chunkOffsets = [...optional('stco'), ...optional('co64')];
  const description = onlyDescription(onlyBox(table, 'stsd'));
  const [places] = chunkOffsets;
  if (!durations || !sizes || !chunkRuns || !description || !places || chunkOffsets.length > 1) return null;
  if (offsets.length > 1 || syncSamples.length > 1 || !optional('sbgp').every(isPriming)) return null;
  return {
    ...description,
    ...{ durations, sizes, chunkRuns, chunkOffsets: places.content, isWide: places.type === 'co64' },
    offsets: offsets[0]?.content ?? null,
    syncSamples: syncSamples[0]?.content ?? null,
  };
}

/** `roll` tells how many samples a sound decoder needs beforehand; other groups can mark key frames. */
const isPriming = ({ content }: BoxBytes) => content.length >= 8 && content.toString('latin1', 4, 8) === 'roll';

function onlyDescription(bytes: Buffer | null): Pick<TrackTables, 'format' | 'description'> | null {
  if (bytes === null || bytes.length < 16 || bytes.readUInt32BE(4) !== 1) return null;
  const size = bytes.readUInt32BE(8);
  if (size < 16 || 8 + size > bytes.length) return null;
  return { format: bytes.toString('latin1', 12, 16), description: bytes.subarray(16, 8 + size) };
}

/** The only data reference says "in this file". */
function isWithinFile(information: readonly BoxBytes[]): boolean {
  const boxes = boxesOf(onlyBox(information, 'dinf') ?? Buffer.alloc(0));
  const references = boxes && onlyBox(boxes, 'dref');
  if (!references || references.length < 20 || references.readUInt32BE(4) !== 1) return false;
  return ((references[19] ?? 0) & 1) === 1;
}

/** `mdhd` and `mvhd` begin alike: version and flags, two dates, ticks per second. */
function timescaleOf(header: Buffer): number | null {
  const at = header[0] === 1 ? 20 : 12;
  return (header[0] ?? 2) > 1 || header.length < at + 4 ? null : header.readUInt32BE(at);
}
