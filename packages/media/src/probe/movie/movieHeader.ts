import type { FileHandle } from 'node:fs/promises';
import { readBytes } from '../../assemble/boxes.ts';

/** Tables of a longer film are not read into memory. */
const mostHeaderBytes = 64 * 1024 * 1024;
const mostBoxes = 64;
/** Boxes that say nothing about samples. */
const silentBoxes = new Set(['ftyp', 'mdat', 'free', 'skip', 'wide']);

/**
 * Content of the `moov` box, where it and media data are all the file holds: no fragments, no second header, and the
 * last box ends with the file. Null else.
 */
export async function readMovieHeader(file: FileHandle): Promise<Buffer | null> {
  const { size: fileBytes } = await file.stat();
  let movie: { start: number; length: number } | null = null;
  let at = 0;
  for (let box = 0; at < fileBytes; box += 1) {
    const header = await readBytes(file, at, 16);
    const isLong = header.length === 16 && header.readUInt32BE(0) === 1;
    if (box === mostBoxes || header.length < 8) return null;
    const size = isLong ? Number(header.readBigUInt64BE(8)) : header.readUInt32BE(0);
    const type = header.toString('latin1', 4, 8);
    if (size < (isLong ? 16 : 8) || (type !== 'moov' && !silentBoxes.has(type))) return null;
    if (type === 'moov') {
      if (movie !== null || isLong || size > mostHeaderBytes) return null;
      movie = { start: at + 8, length: size - 8 };
    }
    at += size;
  }
  if (movie === null || at !== fileBytes) return null;
  const bytes = await readBytes(file, movie.start, movie.length);
  return bytes.length === movie.length ? bytes : null;
}
