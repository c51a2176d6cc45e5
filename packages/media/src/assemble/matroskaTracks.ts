import type { FileHandle } from 'node:fs/promises';
import { readBytes } from './boxes.ts';

/** Element ids of RFC 9559, marker bits kept. */
const ids = {
  segment: 0x18538067,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  video: 0xe0,
};
const trackEntry = 0xae;
/** FFmpeg writes Tracks within the first few kilobytes. */
const headBytes = 1024 * 1024;

interface Element {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Codec, its private data and the picture's geometry of every track, as stored; null where none is found. */
export async function matroskaCodecBytes(file: FileHandle): Promise<Buffer | null> {
  const head = await readBytes(file, 0, headBytes);
  const segment = elements(head, 0, head.length).find(({ id }) => id === ids.segment);
  if (!segment) return null;
  const tracks = elements(head, segment.start, segment.end).find(({ id }) => id === ids.tracks);
  if (!tracks) return null;
  const kept: Buffer[] = [];
  for (const track of elements(head, tracks.start, tracks.end).filter(({ id }) => id === trackEntry)) {
    for (const { id, start, end } of elements(head, track.start, track.end)) {
      if (id === ids.codecId || id === ids.codecPrivate || id === ids.video) kept.push(head.subarray(start, end));
    }
  }
  return kept.length === 0 ? null : Buffer.concat(kept);
}

/** Elements side by side in `[start, end)`; an element of unknown size reaches to `end`. Stops at the first cluster. */
function elements(bytes: Buffer, start: number, end: number): Element[] {
  const found: Element[] = [];
  let at = start;
  while (at < end) {
    const id = readVint(bytes, at, false);
    const size = id && readVint(bytes, at + id.length, true);
    if (!id || !size || id.value === ids.cluster) break;
    const payload = at + id.length + size.length;
    const next = size.unknown ? end : Math.min(end, payload + size.value);
    found.push({ id: id.value, start: payload, end: next });
    at = next;
  }
  return found;
}

/** Variable-size integer of RFC 8794, section 4. */
function readVint(
  bytes: Buffer,
  at: number,
  dropMarker: boolean,
): { value: number; length: number; unknown: boolean } | null {
  const first = bytes[at];
  if (first === undefined || first === 0) return null;
  const length = Math.clz32(first) - 23;
  if (at + length > bytes.length) return null;
  let value = dropMarker ? first & (0xff >> length) : first;
  let allOnes = (first & (0xff >> length)) === 0xff >> length;
  for (let offset = 1; offset < length; offset += 1) {
    const next = bytes[at + offset] ?? 0;
    value = value * 256 + next;
    allOnes = allOnes && next === 0xff;
  }
  return { value, length, unknown: dropMarker && allOnes };
}
