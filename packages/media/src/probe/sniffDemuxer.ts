/** One container the farm accepts: what its files begin with, and FFmpeg's name for its demuxer. */
interface DemuxerRow {
  readonly demuxer: string;
  readonly matches: (head: Uint8Array) => boolean;
}

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const bytesAt = (head: Uint8Array, offset: number, wanted: Uint8Array) =>
  head.length >= offset + wanted.length && wanted.every((byte, index) => head[offset + index] === byte);
const starts = (...bytes: number[]) => {
  const wanted = Uint8Array.from(bytes);
  return (head: Uint8Array) => bytesAt(head, 0, wanted);
};
const startsText = (text: string) => (head: Uint8Array) => bytesAt(head, 0, ascii(text));
const riff = (kind: string) => (head: Uint8Array) => bytesAt(head, 0, ascii('RIFF')) && bytesAt(head, 8, ascii(kind));

const isoBoxes = ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot', 'moof', 'styp', 'sidx'].map(ascii);
const isIsoMedia = (head: Uint8Array) => isoBoxes.some((box) => bytesAt(head, 4, box));

/** 188-byte packets, or 192 with a 4-byte timestamp first (AVCHD), or 204 with parity: three sync bytes in a row. */
function isTransportStream(head: Uint8Array): boolean {
  const packetShapes = [
    { offset: 0, length: 188 },
    { offset: 4, length: 192 },
    { offset: 0, length: 204 },
  ];
  return packetShapes.some(({ offset, length }) => [0, 1, 2].every((n) => head[offset + n * length] === 0x47));
}

/** MPEG audio layer 3: an ID3 tag, or two frame headers' worth of sync bits that are not ADTS. */
const isMp3 = (head: Uint8Array) =>
  startsText('ID3')(head) || (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2 && (head[2] ?? 0xff) < 0xf0);
const isAdts = (head: Uint8Array) => head[0] === 0xff && ((head[1] ?? 0) & 0xf6) === 0xf0;

/**
 * The allow-list (decision 10). Nothing else is ever opened: playlists (hls, dash, concat) and image sequences would
 * let a file name other files and addresses.
 */
const demuxerTable: readonly DemuxerRow[] = [
  { demuxer: 'mov', matches: isIsoMedia },
  { demuxer: 'matroska', matches: starts(0x1a, 0x45, 0xdf, 0xa3) },
  { demuxer: 'mpeg', matches: starts(0, 0, 1, 0xba) },
  { demuxer: 'mpegvideo', matches: starts(0, 0, 1, 0xb3) },
  { demuxer: 'avi', matches: riff('AVI ') },
  { demuxer: 'wav', matches: riff('WAVE') },
  { demuxer: 'ogg', matches: startsText('OggS') },
  { demuxer: 'flv', matches: startsText('FLV\u0001') },
  { demuxer: 'flac', matches: startsText('fLaC') },
  { demuxer: 'mxf', matches: starts(0x06, 0x0e, 0x2b, 0x34) },
  { demuxer: 'asf', matches: starts(0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11) },
  { demuxer: 'dv', matches: starts(0x1f, 0x07, 0x00) },
  { demuxer: 'ivf', matches: startsText('DKIF') },
  { demuxer: 'yuv4mpegpipe', matches: startsText('YUV4MPEG2 ') },
  { demuxer: 'nut', matches: startsText('nut/multimedia container') },
  { demuxer: 'gif', matches: startsText('GIF8') },
  { demuxer: 'aiff', matches: startsText('FORM') },
  { demuxer: 'caf', matches: startsText('caff') },
  { demuxer: 'mpegts', matches: isTransportStream },
  { demuxer: 'aac', matches: isAdts },
  { demuxer: 'mp3', matches: isMp3 },
];

/** Names of every demuxer a user's file may be opened with. */
export const allowedDemuxers: readonly string[] = demuxerTable.map((row) => row.demuxer);

/**
 * Tells the container of a file by its first bytes (4 KiB are enough), never by its name.
 * @returns FFmpeg's demuxer name for `-f`, or null when the content is none of the allow-list.
 */
export function sniffDemuxer(head: Uint8Array): string | null {
  return demuxerTable.find((row) => row.matches(head))?.demuxer ?? null;
}
