// Used by tests only: broken and malicious files, made of bytes.

/** Deterministic stream of 32-bit numbers (xorshift32), so that a seed names a file. */
function numbersOf(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}

/** The file with some bits turned over. */
export function flipBits(bytes: Buffer, seed: number, count: number): Buffer {
  const next = numbersOf(seed);
  const flipped = Buffer.from(bytes);
  for (let flip = 0; flip < count; flip += 1) {
    const at = next() % flipped.length;
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (next() % 8));
  }
  return flipped;
}

/** Every occurrence of a text replaced by another of the same length: a codec's four characters, for one. */
export function replaceText(bytes: Buffer, from: string, to: string): Buffer {
  const changed = Buffer.from(bytes);
  for (let at = changed.indexOf(from, 0, 'latin1'); at >= 0; at = changed.indexOf(from, at + 1, 'latin1')) {
    changed.write(to, at, 'latin1');
  }
  return changed;
}

/** Numbers written into every box of a type, at an offset from its type (ISO/IEC 14496-12). */
export function patchBoxes(bytes: Buffer, type: string, fields: Readonly<Record<number, number>>): Buffer {
  const changed = Buffer.from(bytes);
  for (let at = changed.indexOf(type, 0, 'latin1'); at >= 0; at = changed.indexOf(type, at + 4, 'latin1')) {
    for (const [offset, value] of Object.entries(fields)) changed.writeUInt32BE(value >>> 0, at + Number(offset));
  }
  return changed;
}

/** JPEG frame headers (SOF0) that state another size (ITU-T T.81, B.2.2). */
export function patchJpegSize(bytes: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(bytes);
  const marker = Buffer.from([0xff, 0xc0, 0x00, 0x11, 0x08]);
  for (let at = changed.indexOf(marker); at >= 0; at = changed.indexOf(marker, at + 5)) {
    changed.writeUInt16BE(height, at + 5);
    changed.writeUInt16BE(width, at + 7);
  }
  return changed;
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const box = (type: string, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([number(body.length + 8), Buffer.from(type, 'latin1'), body]);
};
const zeros = (length: number): Buffer => Buffer.alloc(length);
const fileType = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2mp41', 'latin1'));
const movieHeader = box('mvhd', zeros(12), number(1000), number(1000), number(0x10000), zeros(76), number(2));

interface SampleTables {
  /** As the tables state them, whatever the file holds. */
  readonly samples: number;
  readonly sampleBytes: number;
}

function track(id: number, { samples, sampleBytes }: SampleTables): Buffer {
  const entry = box('avc1', zeros(6), Buffer.from([0, 1]), zeros(16), Buffer.from([1, 0x40, 0, 0xb4]), zeros(50));
  const tables = [
    box('stsd', number(0), number(1), entry),
    box('stts', number(0), number(1), number(samples), number(1)),
    box('stsc', number(0), number(1), number(1), number(samples), number(1)),
    box('stsz', number(0), number(sampleBytes), number(samples)),
    box('stco', number(0), number(1), number(fileType.length + 8)),
  ];
  const media = [
    box('mdhd', zeros(12), number(1000), number(1000), zeros(4)),
    box('hdlr', zeros(8), Buffer.from('vide', 'latin1'), zeros(13)),
    box('minf', box('vmhd', zeros(12)), box('stbl', ...tables)),
  ];
  return box('trak', box('tkhd', number(7), zeros(8), number(id), zeros(68)), box('mdia', ...media));
}

/** An MP4 of so many tracks, by hand: muxers refuse to write that. None: an index of nothing. */
export function mp4OfTracks(tracks: number, tables: SampleTables = { samples: 1, sampleBytes: 8 }): Buffer {
  const all = Array.from({ length: tracks }, (_, at) => track(at + 1, tables));
  return Buffer.concat([fileType, box('mdat', zeros(64)), box('moov', movieHeader, ...all)]);
}

/** What a player would follow to other files and addresses, and the names it comes under. */
export function playlists(url: string): readonly (readonly [name: string, content: string])[] {
  const hls = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${url}/hls.ts\n#EXT-X-ENDLIST\n`;
  const dash = `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${url}/dash.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`;
  const concat = `ffconcat version 1.0\nfile '${url}/concat.mp4'\n`;
  return [
    ['hls.mp4', hls],
    ['hls.m3u8', hls],
    ['hls.ts', hls],
    ['dash.mp4', dash],
    ['dash.mpd', dash],
    ['concat.mp4', concat],
    ['concat.mkv', `file '${url}/plain.mp4'\n`],
    ['session.sdp', `v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n`],
    ['behind-a-box.mp4', `\0\0\0\x10ftypisom\0\0\0\0${hls}`],
    ['behind-a-tag.mp3', `ID3\x04\0\0\0\0\0\0${hls}`],
    ['behind-sync-bytes.ts', `G${'\n'.padEnd(187)}G${'\n'.padEnd(187)}G\n${hls}`],
    ['url.mp4', `[InternetShortcut]\nURL=${url}/shortcut\n`],
    ['picture.svg', `<svg xmlns="http://www.w3.org/2000/svg"><image href="${url}/picture.png"/></svg>`],
  ];
}

/** A QuickTime reference that points away: `alis`/`url ` in place of the self reference (QTFF, "Data reference atoms"). */
export function pointElsewhere(bytes: Buffer, url: string): Buffer {
  const at = bytes.indexOf('url ', bytes.indexOf('dref', 0, 'latin1'), 'latin1');
  const entry = box('url ', number(0), Buffer.from(`${url}/reference.mp4\0`, 'latin1'));
  const grown = Buffer.concat([bytes.subarray(0, at - 4), entry, bytes.subarray(at + 8)]);
  const added = grown.length - bytes.length;
  for (const type of ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref']) {
    const start = grown.indexOf(type, 0, 'latin1') - 4;
    grown.writeUInt32BE(grown.readUInt32BE(start) + added, start);
  }
  return grown;
}
