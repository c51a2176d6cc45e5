import { type KeyPacket, type ListedPacket, listOfPackets, mostKeyPackets, type PacketList } from '../packetList.ts';
import type { FileEnds } from './fileEnds.ts';

/** Frames of one picture track as its container lists them, in file order; times in ticks of the track. */
export interface ListedPictures {
  /** FFmpeg's number of the track. */
  readonly stream: number;
  readonly positions: ArrayLike<number>;
  readonly sizes: ArrayLike<number>;
  readonly pts: ArrayLike<number>;
  readonly dts: ArrayLike<number>;
  /** 1: a key frame. */
  readonly keys: ArrayLike<number>;
}

/**
 * The list FFprobe would give. Null where it gave anything else at one end of the file, or complained.
 * @param sameDts of the tail: false where FFmpeg guesses decode times, which it does anew after a seek
 */
export function pictureList(
  pictures: ListedPictures,
  { head, tail, errorLines }: FileEnds,
  { sameDts }: { sameDts: boolean },
): PacketList | null {
  const { stream, positions, keys } = pictures;
  const [first, last] = [ofStream(head, stream), ofStream(tail, stream)];
  const count = positions.length;
  const isSame = (packets: readonly ListedPacket[], start: number, withDts: boolean) =>
    packets.length > 0 &&
    start >= 0 &&
    packets.every((packet, at) => isPacket(packet, pictures, { at: start + at, withDts }));
  if (errorLines > 0 || !isSame(first, 0, true) || !isSame(last, count - last.length, sameDts)) return null;
  const { durationByLatestPts } = listOfPackets(last);
  const list = { pts: [] as number[], dts: [] as number[], isKey: [] as boolean[], keyPackets: [] as KeyPacket[] };
  let bytes = 0;
  for (let at = 0; at < count; at += 1) {
    const time = pictures.pts[at] ?? Number.NaN;
    const isKey = keys[at] === 1;
    if (time > durationByLatestPts.pts) return null;
    list.pts.push(time);
    list.dts.push(pictures.dts[at] ?? Number.NaN);
    list.isKey.push(isKey);
    if (isKey && list.keyPackets.length <= mostKeyPackets) list.keyPackets.push(packetAt(pictures, at));
    bytes += pictures.sizes[at] ?? 0;
  }
  return { ...list, bytes, durationByLatestPts, dropped: 0, droppedKeyframes: 0, corrupt: 0, withoutPosition: 0 };
}

const packetAt = ({ pts, dts, positions, sizes }: ListedPictures, at: number): KeyPacket => ({
  pts: pts[at] ?? Number.NaN,
  dts: dts[at] ?? Number.NaN,
  position: positions[at] ?? Number.NaN,
  size: sizes[at] ?? Number.NaN,
});

export const ofStream = (packets: readonly ListedPacket[], stream: number): ListedPacket[] =>
  packets.filter((packet) => packet.stream === stream);

function isPacket(
  packet: ListedPacket,
  { pts, dts, positions, sizes, keys }: ListedPictures,
  { at, withDts }: { at: number; withDts: boolean },
): boolean {
  return (
    packet.pts === pts[at] &&
    (!withDts || Object.is(packet.dts, dts[at])) &&
    packet.position === positions[at] &&
    packet.size === sizes[at] &&
    packet.flags.startsWith(keys[at] === 1 ? 'K' : '_') &&
    !/[DC]/.test(packet.flags)
  );
}
