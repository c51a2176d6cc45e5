import { open } from 'node:fs/promises';
import { bytesOf, type NearbyRead, nearbyReader } from './frames/nearbyReader.ts';
import { turnTaker } from './frames/turns.ts';
import type { MediaInfo } from './mediaInfo.ts';
import { intraOnlyCodecs } from './packetDoubt.ts';
import { type KeyPacket, mostKeyPackets, type PacketList } from './packetList.ts';

/** Enough to pass parameter sets and messages before the first slice. */
const readBytes = 8192;
/** NAL unit types (ITU-T H.264 table 7-1, H.265 table 7-1): instantaneous refresh, and all that carry picture data. */
const nalTables = {
  h264: { headerType: (byte: number) => byte & 0x1f, isPicture: (type: number) => type >= 1 && type <= 5, clean: [5] },
  hevc: { headerType: (byte: number) => (byte >> 1) & 0x3f, isPicture: (type: number) => type < 32, clean: [19, 20] },
} as const;

/**
 * Key frames after which nothing refers to what came before them, proven by the stream itself: IDR pictures, read from
 * the file where the container gives exact positions, and key frames of codecs that have no other kind. Decoding may
 * start at them. Open GOPs, recovery points and intra refresh are never among them.
 * @returns presentation times, ascending
 */
export async function cleanKeyframes(
  path: string,
  list: PacketList,
  { info, signal }: { info: MediaInfo; signal: AbortSignal },
): Promise<number[]> {
  const indexed = info.demuxer === 'mov' || info.demuxer === 'matroska';
  if (!indexed || list.keyPackets.length > mostKeyPackets) return [];
  const reachable = list.keyPackets.filter((packet, at) => isAlone(packet, list.keyPackets[at + 1]));
  const { codec } = info.video;
  const alwaysClean = codec === 'vp8' || codec === 'vp9' || intraOnlyCodecs.has(codec);
  const clean = alwaysClean ? reachable : await readRefreshes(path, reachable, { info, signal });
  return clean.map(({ pts }) => pts).sort((a, b) => a - b);
}

/** Demuxers seek by decode time: a next key frame decoded before this one is shown would be hit instead. */
const isAlone = (packet: KeyPacket, next: KeyPacket | undefined) => next === undefined || !(next.dts <= packet.pts);

async function readRefreshes(
  path: string,
  packets: readonly KeyPacket[],
  { info, signal }: { info: MediaInfo; signal: AbortSignal },
): Promise<KeyPacket[]> {
  const { codec } = info.video;
  if (codec !== 'h264' && codec !== 'hevc') return [];
  const file = await open(path, 'r');
  try {
    const read = nearbyReader(file.fd);
    const turn = turnTaker(signal);
    const clean: KeyPacket[] = [];
    for (const packet of packets) {
      if (isRefresh(read, packet, info)) clean.push(packet);
      if (turn.isOver()) await turn.rest();
    }
    return clean;
  } finally {
    await file.close();
  }
}

function isRefresh(read: NearbyRead, packet: KeyPacket, info: MediaInfo): boolean {
  if (!Number.isFinite(packet.position)) return false;
  // Matroska's position is that of the block: track number (one byte below 128), time (2), flags (1), then the frame
  const start = packet.position + (info.demuxer === 'matroska' ? 4 : 0);
  const length = Math.min(readBytes, packet.size);
  return startsWithRefresh(
    bytesOf(read(start, length), length),
    info.video.codec === 'hevc' ? 'hevc' : 'h264',
    packet.size,
  );
}

/**
 * Whether the first picture of a frame with 4-byte NAL unit lengths is an instantaneous refresh. Anything that does
 * not parse is not.
 */
export function startsWithRefresh(bytes: Buffer, codec: 'h264' | 'hevc', frameBytes: number): boolean {
  const table = nalTables[codec];
  let offset = 0;
  while (offset + 5 <= bytes.length) {
    const nalBytes = bytes.readUInt32BE(offset);
    const header = bytes[offset + 4] ?? 0xff;
    if (nalBytes === 0 || offset + 4 + nalBytes > frameBytes || header >= 0x80) return false;
    const type = table.headerType(header);
    if (table.isPicture(type)) return (table.clean as readonly number[]).includes(type);
    offset += 4 + nalBytes;
  }
  return false;
}
