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
export type Read = (position: number, length: number) => Buffer;

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
export function* clusterBlocks(read: Read, cluster: Element): Generator<Block | null> {
  let clusterTime: number | null = null;
  let at = cluster.start;
  let silent = 0;
  while (at < cluster.end) {
    const element = elementAt(read(at, elementHeadBytes), at);
    if (element === null || element.end > cluster.end) return yield null;
    if (element.id === ids.timestamp) {
      if (clusterTime !== null) return yield null;
      clusterTime = unsignedOf(read(element.start, Math.min(8, element.end - element.start)));
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

/** The block of a group, which comes first; what follows may only say how long it lasts and what it refers to. */
function groupedBlock(read: Read, group: Element): Element | null {
  const block = elementAt(read(group.start, elementHeadBytes), group.start);
  if (block === null || block.id !== ids.block || block.end > group.end) return null;
  const tailBytes = group.end - block.end;
  if (tailBytes > mostGroupTailBytes) return null;
  const tail = elementsOf(read(block.end, tailBytes));
  return tail?.every(({ id }) => silentInGroup.has(id)) ? block : null;
}

function blockOf(read: Read, place: Element, clusterTime: number): Block | null {
  const size = place.end - place.start - blockHeadBytes;
  const head = read(place.start, blockHeadBytes);
  const [first = 0, flags = 0xff] = [head[0], head[3]];
  if (size < 1 || head.length < blockHeadBytes || first < 0x81 || (flags & 6) !== 0) return null;
  const pts = clusterTime + head.readInt16BE(1);
  return pts < 0 ? null : { track: first & 0x7f, pts, position: place.start, size };
}
