import type { ByteSpan } from '../frames/nearbyReader.ts';

/** One element of EBML (RFC 8794): its number with the marker bits, and where its content lies. */
export interface Element {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Longest head of an element: four bytes of number, eight of size. */
export const elementHeadBytes = 12;

/** The element whose head begins the span, `at` being its place in the file. Null for unknown sizes and no element. */
export function elementAt({ bytes, start: head, end }: ByteSpan, at: number): Element | null {
  const idBytes = numberBytes(bytes[head]);
  const sizeBytes = numberBytes(bytes[head + idBytes]);
  if (idBytes > 4 || sizeBytes > 8 || head + idBytes + sizeBytes > end) return null;
  const id = bytes.readUIntBE(head, idBytes);
  let size = (bytes[head + idBytes] ?? 0) & (0xff >> sizeBytes);
  let isUnknown = size === 0xff >> sizeBytes;
  for (let byte = head + idBytes + 1; byte < head + idBytes + sizeBytes; byte += 1) {
    size = size * 256 + (bytes[byte] ?? 0);
    isUnknown &&= bytes[byte] === 0xff;
  }
  const start = at + idBytes + sizeBytes;
  return isUnknown || !Number.isSafeInteger(start + size) ? null : { id, start, end: start + size };
}

/** How many bytes a number takes, by its first. */
const numberBytes = (first: number | undefined): number => Math.clz32(first ?? 0) - 23;

/** Elements that fill the bytes exactly, places counted within them; null else, and for more than a plain header has. */
export function elementsOf(bytes: Buffer): Element[] | null {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const element = elementAt({ bytes, start: at, end: bytes.length }, at);
    if (element === null || element.end > bytes.length || elements.length === mostElements) return null;
    elements.push(element);
    at = element.end;
  }
  return elements;
}

const mostElements = 1024;

/** An unsigned number of up to 6 bytes; null for longer ones and none. */
export function unsignedOf(bytes: Buffer): number | null {
  return bytes.length >= 1 && bytes.length <= 6 ? bytes.readUIntBE(0, bytes.length) : null;
}
