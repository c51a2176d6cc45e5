import { bytesOf, type NearbyRead } from '../frames/nearbyReader.ts';
import { type Element, elementAt, elementHeadBytes, elementsOf, unsignedOf } from './ebml.ts';

/** One block (RFC 9559, 10): a frame, its time and place. */
export interface Block {
  /** Number of its track. */
  readonly track: number;
  /** Milliseconds. */
  readonly pts: number;
  /** Of the block, as FFmpeg counts; the frame follows `blockHeadBytes` later. */
  readonly position: number;
  /** Of the frame. */
  readonly size: number;
}

/** Number of the track (one byte), time (two), flags (one). */
export const blockHeadBytes = 4;

const ids = { timestamp: 0xe7, simpleBlock: 0xa3, group: 0xa0, block: 0xa1 } as const;
/** CRC, filler, and where the cluster lies: nothing that packets depend on. */
const silentInCluster = new Set([0xbf, 0xec, 0xab, 0xa7]);
/** Duration, references, samples to discard. */
const silentInGroup = new Set([0x9b, 0xfb, 0x75a2, 0xbf, 0xec]);
/** A cluster holds few of them: a file of nothing else would be walked for ever. */
const mostSilent = 16;
/** A group holds one block and a few small elements beside it. */
const mostGroupTailBytes = 64;

/**
 * The blocks of one cluster by their heads alone, in file order. Yields null, and ends, at what is not plain: unknown
 * elements, laced or encrypted blocks, blocks before the cluster's time.
 */
export function* clusterBlocks(read: NearbyRead, cluster: Element): Generator<Block | null> {
  let clusterTime: number | null = null;
  let at = cluster.start;
  let silent = 0;
  while (at < cluster.end) {
    const element = elementAt(read(at, elementHeadBytes), at);
    if (element === null || element.end > cluster.end) return yield null;
    if (element.id === ids.timestamp) {
      if (clusterTime !== null) return yield null;
      clusterTime = timeOf(read, element);
    } else if (element.id === ids.simpleBlock || element.id === ids.group) {
      const place = element.id === ids.group ? groupedBlock(read, element) : element;
      const block = place && clusterTime !== null ? blockOf(read, place, clusterTime) : null;
      yield block;
      if (block === null) return;
    } else {
      silent += 1;
      if (silent > mostSilent || !silentInCluster.has(element.id)) return yield null;
    }
    at = element.end;
  }
}

function timeOf(read: NearbyRead, { start, end }: Element): number | null {
  const length = Math.min(8, end - start);
  return unsignedOf(bytesOf(read(start, length), length));
}

/** The block of a group, which comes first; what follows may only say how long it lasts and what it refers to. */
function groupedBlock(read: NearbyRead, group: Element): Element | null {
  const block = elementAt(read(group.start, elementHeadBytes), group.start);
  if (block === null || block.id !== ids.block || block.end > group.end) return null;
  const tailBytes = group.end - block.end;
  if (tailBytes > mostGroupTailBytes) return null;
  const tail = elementsOf(bytesOf(read(block.end, tailBytes), tailBytes));
  return tail?.every(({ id }) => silentInGroup.has(id)) ? block : null;
}

function blockOf(read: NearbyRead, place: Element, clusterTime: number): Block | null {
  const size = place.end - place.start - blockHeadBytes;
  const { bytes, start, end } = read(place.start, blockHeadBytes);
  if (size < 1 || start + blockHeadBytes > end) return null;
  const first = bytes.readUInt8(start);
  if (first < 0x81 || (bytes.readUInt8(start + 3) & 6) !== 0) return null;
  const pts = clusterTime + bytes.readInt16BE(start + 1);
  return pts < 0 ? null : { track: first & 0x7f, pts, position: place.start, size };
}
