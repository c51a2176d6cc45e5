/** Where a key frame lies in the file; NaN where unknown. */
export interface KeyPacket {
  readonly pts: number;
  readonly dts: number;
  readonly position: number;
  readonly size: number;
}

/** Packets of one stream as one pass of FFprobe lists them. */
export interface PacketList {
  /** In file order; NaN where the container gives no time. */
  readonly pts: number[];
  readonly dts: number[];
  readonly isKey: boolean[];
  /** The key frames among them, up to one more than `mostKeyPackets`. */
  readonly keyPackets: KeyPacket[];
  readonly dropped: number;
  readonly droppedKeyframes: number;
  readonly corrupt: number;
  readonly durationByLatestPts: { pts: number; duration: number };
  readonly bytes: number;
  readonly withoutPosition: number;
}

/** More key frames than this: nearly all frames are, and nobody looks for clean ones among them. */
export const mostKeyPackets = 20_000;

type Growing = { -readonly [Key in keyof PacketList]: PacketList[Key] };

/** One line of `-show_entries packet=… -of csv=p=0`; the order of fields is FFprobe's, not the caller's. */
export const packetEntries = 'packet=stream_index,pts,dts,duration,size,pos,flags';

export interface PacketCollector {
  add(line: string): void;
  readonly byStream: ReadonlyMap<number, PacketList>;
}

/** One packet as FFprobe lists it; NaN for what it does not know. */
export interface ListedPacket {
  readonly stream: number;
  readonly pts: number;
  readonly dts: number;
  readonly duration: number;
  readonly size: number;
  readonly position: number;
  /** `K` key, `D` discarded by an edit list, `C` corrupt. */
  readonly flags: string;
}

/** @returns null for a line that names no stream */
export function packetOfLine(line: string): ListedPacket | null {
  const [streamText, ptsText, dtsText, durationText, sizeText, positionText, flags = ''] = line.split(',');
  const stream = Number(streamText);
  if (!Number.isInteger(stream)) return null;
  return {
    stream,
    pts: ticks(ptsText),
    dts: ticks(dtsText),
    duration: ticks(durationText),
    size: ticks(sizeText),
    position: ticks(positionText),
    flags,
  };
}

/** @param onPosition is told the end of each packet in the file, where known. */
export function packetCollector(onPosition: (endByte: number) => void): PacketCollector {
  const byStream = new Map<number, Growing>();
  return {
    byStream,
    add(line) {
      const packet = packetOfLine(line);
      if (packet === null) return;
      const { stream, size, position } = packet;
      const list = byStream.get(stream) ?? emptyList();
      byStream.set(stream, list);
      if (Number.isFinite(position)) onPosition(position + (Number.isFinite(size) ? size : 0));
      addPacket(list, packet);
    },
  };
}

/** The list of one stream's packets, in file order. */
export function listOfPackets(packets: readonly ListedPacket[]): PacketList {
  const list = emptyList();
  for (const packet of packets) addPacket(list, packet);
  return list;
}

function addPacket(list: Growing, packet: ListedPacket): void {
  const isKey = packet.flags.includes('K');
  if (packet.flags.includes('C')) list.corrupt += 1;
  if (packet.flags.includes('D')) {
    list.dropped += 1;
    if (isKey) list.droppedKeyframes += 1;
    return;
  }
  list.pts.push(packet.pts);
  list.dts.push(packet.dts);
  list.isKey.push(isKey);
  // one more than anybody reads tells that there are too many
  if (isKey && list.keyPackets.length <= mostKeyPackets) {
    const { pts, dts, position, size } = packet;
    list.keyPackets.push({ pts, dts, position, size });
  }
  list.bytes += Number.isFinite(packet.size) ? packet.size : 0;
  if (!Number.isFinite(packet.position)) list.withoutPosition += 1;
  if (packet.pts >= list.durationByLatestPts.pts) {
    list.durationByLatestPts = { pts: packet.pts, duration: Number.isFinite(packet.duration) ? packet.duration : 0 };
  }
}

function emptyList(): Growing {
  return {
    pts: [],
    dts: [],
    isKey: [],
    keyPackets: [],
    dropped: 0,
    droppedKeyframes: 0,
    corrupt: 0,
    durationByLatestPts: { pts: Number.NEGATIVE_INFINITY, duration: 0 },
    bytes: 0,
    withoutPosition: 0,
  };
}

/** NaN where the container gives none, and for what no double holds exactly. */
function ticks(text: string | undefined): number {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}
