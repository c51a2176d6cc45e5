/** One box of an ISO base media file (ISO/IEC 14496-12, 4.2) whose content lies in memory. */
export interface BoxBytes {
  readonly type: string;
  readonly content: Buffer;
}

/** More side by side than any plain header holds. */
const mostBoxes = 1024;

/** Boxes that fill the bytes exactly, side by side; null for anything else. */
export function boxesOf(bytes: Buffer): BoxBytes[] | null {
  const boxes: BoxBytes[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length || boxes.length === mostBoxes) return null;
    const size = bytes.readUInt32BE(at);
    // neither 64-bit sizes nor "to the end": both are for media data, not for what lies within a header
    if (size < 8 || at + size > bytes.length) return null;
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), content: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

/** Content of the only box of a type; null where there is none, several, or boxes of other types than those named. */
export function onlyBox(boxes: readonly BoxBytes[], type: string): Buffer | null {
  const found = boxes.filter((box) => box.type === type);
  return found.length === 1 ? (found[0]?.content ?? null) : null;
}

/** Boxes of a container that holds nothing but the named types; null else. */
export function knownBoxes(bytes: Buffer | null, known: ReadonlySet<string>): BoxBytes[] | null {
  const boxes = bytes === null ? null : boxesOf(bytes);
  return boxes?.every(({ type }) => known.has(type)) ? boxes : null;
}
