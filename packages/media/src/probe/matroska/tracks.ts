import { type Element, elementsOf, unsignedOf } from './ebml.ts';

/** What a track entry says of itself (RFC 9559, 5.1.4), as far as its packets depend on it. */
export interface MatroskaTrack {
  readonly number: number;
  readonly kind: 'picture' | 'sound' | 'text';
  readonly codec: string;
  /** What the decoder is told beforehand. */
  readonly configuration: Buffer;
}

const entry = 0xae;
const fields = { number: 0xd7, kind: 0x83, codec: 0x86, configuration: 0x63a2 } as const;
/** Compressed or encrypted frames, clocks of their own, delays, further layers: not plain. */
const unusual = new Set([0x6d80, 0x23314f, 0x56aa, 0x41e4, 0xe2, 0x55ee]);
const kinds = new Map([
  [1, 'picture'],
  [2, 'sound'],
  [17, 'text'],
] as const);

/** Tracks in the order of FFmpeg's streams; null where one is not plain. */
export function matroskaTracks(content: Buffer): MatroskaTrack[] | null {
  const tracks: MatroskaTrack[] = [];
  for (const element of elementsOf(content) ?? []) {
    if (element.id !== entry) continue;
    const track = trackOf(content.subarray(element.start, element.end));
    if (track === null || tracks.some(({ number }) => number === track.number)) return null;
    tracks.push(track);
  }
  return tracks.length === 0 ? null : tracks;
}

function trackOf(bytes: Buffer): MatroskaTrack | null {
  const elements = elementsOf(bytes);
  if (elements === null || elements.some(({ id }) => unusual.has(id))) return null;
  const content = (wanted: number): Buffer => {
    const found = elements.find(({ id }) => id === wanted);
    return found ? bytes.subarray(found.start, found.end) : Buffer.alloc(0);
  };
  const number = unsignedOf(content(fields.number));
  const kind = kinds.get((unsignedOf(content(fields.kind)) ?? 0) as 1);
  // the place of a frame in its block is known for numbers of one byte
  if (number === null || number < 1 || number > 126 || kind === undefined) return null;
  return {
    number,
    kind,
    codec: content(fields.codec).toString('latin1'),
    configuration: content(fields.configuration),
  };
}

const timestampScale = 0x2ad7b1;

/** Whether the clock of a file counts milliseconds: what FFmpeg, and nearly everybody, writes. */
export function countsMilliseconds(information: Buffer): boolean {
  const elements: readonly Element[] | null = elementsOf(information);
  const scales = elements?.filter(({ id }) => id === timestampScale) ?? [];
  return (
    elements !== null && scales.every(({ start, end }) => unsignedOf(information.subarray(start, end)) === 1_000_000)
  );
}
