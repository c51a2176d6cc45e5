import type { FileHandle } from 'node:fs/promises';

/** One box of an ISO base media file (ISO/IEC 14496-12, 4.2): where its payload lies. */
export interface Box {
  readonly type: string;
  /** First payload byte, after size and type. */
  readonly start: number;
  /** One past its last byte. */
  readonly end: number;
}

export async function readBytes(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, start);
  return bytes.subarray(0, bytesRead);
}

/** Boxes lying side by side in `[start, end)`; stops at what is no box. Reads 16 bytes per box. */
export async function childBoxes(file: FileHandle, start: number, end: number): Promise<Box[]> {
  const boxes: Box[] = [];
  let at = start;
  while (at + 8 <= end) {
    const header = await readBytes(file, at, 16);
    if (header.length < 8) break;
    const size32 = header.readUInt32BE(0);
    const headerSize = size32 === 1 ? 16 : 8;
    const size = size32 === 0 ? end - at : size32 === 1 ? Number(header.readBigUInt64BE(8)) : size32;
    if (size < headerSize || at + size > end) break;
    boxes.push({ type: header.toString('latin1', 4, 8), start: at + headerSize, end: at + size });
    at += size;
  }
  return boxes;
}

/** All boxes reached by a path of types, e.g. `['moov', 'trak']`. */
export async function findBoxes(file: FileHandle, path: readonly string[], within?: Box): Promise<Box[]> {
  const end = within?.end ?? (await file.stat()).size;
  const [type, ...rest] = path;
  const here = (await childBoxes(file, within?.start ?? 0, end)).filter((box) => box.type === type);
  if (rest.length === 0) return here;
  const deeper = await Promise.all(here.map((box) => findBoxes(file, rest, box)));
  return deeper.flat();
}

/** The tracks of one handler type: `vide`, `soun`. */
export async function findTracks(file: FileHandle, handler: 'vide' | 'soun'): Promise<Box[]> {
  const tracks: Box[] = [];
  for (const track of await findBoxes(file, ['moov', 'trak'])) {
    const [box] = await findBoxes(file, ['mdia', 'hdlr'], track);
    if (box && (await readBytes(file, box.start + 8, 4)).toString('latin1') === handler) tracks.push(track);
  }
  return tracks;
}
