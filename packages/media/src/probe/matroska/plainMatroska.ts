import { open } from 'node:fs/promises';
import { type FileEnds, readFileEnds } from '../frames/fileEnds.ts';
import { type H264Parameters, h264Parameters } from '../frames/h264Parameters.ts';
import { readH264Picture } from '../frames/h264Picture.ts';
import { bytesOf, type NearbyRead, nearbyReader } from '../frames/nearbyReader.ts';
import { ofStream, pictureList } from '../frames/pictureList.ts';
import type { PlainList } from '../frames/plainList.ts';
import { turnTaker } from '../frames/turns.ts';
import { listOfPackets, type PacketList } from '../packetList.ts';
import type { PlainReading } from '../plainReading.ts';
import { type Block, blockHeadBytes, clusterBlocks } from './blockWalk.ts';
import { type Element, elementAt, elementHeadBytes } from './ebml.ts';
import { guessedDts } from './guessedDts.ts';
import { countsMilliseconds, type MatroskaTrack, matroskaTracks } from './tracks.ts';

/** Blocks of all tracks together that are kept in memory: twelve hours of film with sound. */
const mostBlocks = 6_000_000;
/** Elements of a segment: clusters of a second each for more than a week. */
const mostElements = 1_000_000;
/** A header element larger than this is not read. */
const mostHeaderBytes = 1024 * 1024;

const ids = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  information: 0x1549a966,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
};
/** Seek head, cues, chapters, tags, attachments, filler, CRC. */
const silent = new Set([0x114d9b74, 0x1c53bb6b, 0x1043a770, 0x1254c367, 0x1941a469, 0xec, 0xbf]);

/** Sound whose parsers in FFmpeg never complain. */
const quietSounds = new Set(['A_AAC', 'A_AC3', 'A_EAC3']);

/** What the blocks of one track tell. */
interface Walked {
  readonly track: MatroskaTrack;
  /** null: the track is not of pictures. */
  readonly parameters: H264Parameters | null;
  readonly positions: number[];
  readonly sizes: number[];
  readonly pts: number[];
  readonly keys: number[];
}

/**
 * Packets of a Matroska or WebM file as FFprobe would list them, from the heads of its blocks and the first bytes of
 * each picture; FFprobe itself lists both ends, and has to say the same. Null, for FFprobe to list them all, where the
 * file is not plain: unknown sizes, lacing, another clock than milliseconds, other pictures than H.264, other sound than
 * AAC and AC-3 (all of these go through parsers of FFmpeg), and frames its parser could complain about.
 */
export async function readPlainMatroska(path: string, reading: PlainReading): Promise<PlainList | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const walked = await walk(nearbyReader(file.fd), size, reading);
    return walked && (await listWalked(path, walked, reading));
  } finally {
    await file.close();
  }
}

async function walk(read: NearbyRead, fileBytes: number, reading: PlainReading): Promise<Walked[] | null> {
  const header = elementAt(read(0, elementHeadBytes), 0);
  const segment = header && elementAt(read(header.end, elementHeadBytes), header.end);
  if (header?.id !== ids.header || segment?.id !== ids.segment || segment.end !== fileBytes) return null;
  const reader = { ...reading, read, turn: turnTaker(reading.signal), blocks: 0 };
  let tracks: Walked[] | null = null;
  let at = segment.start;
  for (let count = 0; at < segment.end; count += 1) {
    const element = elementAt(read(at, elementHeadBytes), at);
    if (element === null || element.end > segment.end || count === mostElements) return null;
    at = element.end;
    if (element.id === ids.cluster) {
      if (tracks === null || !(await walkCluster(element, tracks, reader))) return null;
    } else if (element.id === ids.tracks) {
      if (tracks !== null) return null;
      tracks = walkedTracks(matroskaTracks(contentOf(read, element)));
      if (tracks === null) return null;
    } else if (element.id === ids.information) {
      if (!countsMilliseconds(contentOf(read, element))) return null;
    } else if (!silent.has(element.id)) return null;
  }
  return tracks;
}

interface Reader extends PlainReading {
  readonly read: NearbyRead;
  readonly turn: ReturnType<typeof turnTaker>;
  /** Counted so far. */
  blocks: number;
}

/** @returns whether all of it is plain */
async function walkCluster(cluster: Element, tracks: readonly Walked[], reader: Reader): Promise<boolean> {
  const { read, turn, onBytes } = reader;
  for (const block of clusterBlocks(read, cluster)) {
    reader.blocks += 1;
    if (block === null || reader.blocks > mostBlocks || !addBlock(tracks, block, read)) return false;
    if (turn.isOver()) await turn.rest();
  }
  onBytes(cluster.end);
  if (turn.isOver()) await turn.rest();
  return true;
}

/** Kept beyond the next read; empty, and so not plain, where it is too large. */
function contentOf(read: NearbyRead, { start, end }: Element): Buffer {
  if (end - start > mostHeaderBytes) return Buffer.alloc(0);
  const pieces: Buffer[] = [];
  const pieceBytes = 32 * 1024;
  for (let at = start; at < end; at += pieceBytes) {
    const length = Math.min(pieceBytes, end - at);
    pieces.push(Buffer.from(bytesOf(read(at, length), length)));
  }
  return Buffer.concat(pieces);
}

function walkedTracks(tracks: readonly MatroskaTrack[] | null): Walked[] | null {
  const walked: Walked[] = [];
  for (const track of tracks ?? []) {
    const isPicture = track.kind === 'picture';
    const parameters = isPicture && track.codec === 'V_MPEG4/ISO/AVC' ? h264Parameters(track.configuration) : null;
    if (isPicture && parameters === null) return null;
    if (track.kind === 'sound' && !quietSounds.has(track.codec)) return null;
    walked.push({ track, parameters, positions: [], sizes: [], pts: [], keys: [] });
  }
  return walked.length === 0 ? null : walked;
}

function addBlock(tracks: readonly Walked[], block: Block, read: NearbyRead): boolean {
  const walked = tracks.find(({ track }) => track.number === block.track);
  if (walked === undefined) return false;
  walked.positions.push(block.position);
  walked.sizes.push(block.size);
  walked.pts.push(block.pts);
  if (walked.parameters === null) return true;
  const frame = { position: block.position + blockHeadBytes, size: block.size };
  const kind = readH264Picture(read, frame, walked.parameters);
  walked.keys.push(kind === 'key' ? 1 : 0);
  return kind !== null;
}

async function listWalked(path: string, walked: readonly Walked[], reading: PlainReading): Promise<PlainList | null> {
  const shown = walked.filter(({ track }) => track.kind !== 'text');
  if (shown.some(({ pts }) => pts.length === 0)) return null;
  const ends = await readFileEnds(
    path,
    {
      demuxer: 'matroska',
      tailSeconds: Math.min(...shown.map(({ pts }) => (pts.at(-1) ?? 0) / 1000)) - 0.5,
      totalPackets: walked.reduce((sum, { pts }) => sum + pts.length, 0),
      // the option that skips pictures also hides from FFmpeg how many a decoder holds back, by which it guesses times
      decodesSound: false,
    },
    reading,
  );
  const byStream = new Map<number, PacketList>();
  for (const [stream, { track, ...listed }] of walked.entries()) {
    if (track.kind === 'text') continue;
    const list = track.kind === 'picture' ? walkedPictures(listed, stream, ends) : soundList(listed, stream, ends);
    if (list === null) return null;
    byStream.set(stream, list);
  }
  return { byStream, soundStarts: ends.soundStarts };
}

function walkedPictures(listed: Omit<Walked, 'track'>, stream: number, ends: FileEnds): PacketList | null {
  const dts = guessedDts(listed.pts, ends.delays.get(stream) ?? 0);
  return pictureList({ ...listed, dts, stream }, ends, { sameDts: false });
}

/** Of sound only the end was asked for; null where it is not what the blocks say. */
function soundList(
  { positions, pts }: Pick<Walked, 'positions' | 'pts'>,
  stream: number,
  { tail }: FileEnds,
): PacketList | null {
  const packets = ofStream(tail, stream);
  const start = positions.length - packets.length;
  const isSame = packets.every((packet, at) => {
    return packet.position === positions[start + at] && packet.pts === pts[start + at] && !packet.flags.includes('C');
  });
  const list = listOfPackets(packets);
  const isLatest = pts.every((time) => time <= list.durationByLatestPts.pts);
  return packets.length > 0 && start >= 0 && isSame && isLatest ? list : null;
}
