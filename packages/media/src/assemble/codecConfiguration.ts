import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { FarmError, type Sha256 } from '@reelmill/protocol';
import { childBoxes, findBoxes, findTracks, readBytes } from './boxes.ts';
import { matroskaCodecBytes } from './matroskaTracks.ts';

/** Fields of a VisualSampleEntry before its child boxes (ISO/IEC 14496-12, 12.1.3). */
const visualEntryBytes = 78;

/**
 * Hash of all that a decoder is told before the first frame of a segment: codec, size, extradata, colour, pixel
 * shape. Read from the file's own headers: a process per segment would cost more than the join.
 * @throws FarmError CHUNKS_INCOMPATIBLE when the file holds no such header.
 */
export async function codecConfiguration(path: string): Promise<Sha256> {
  const file = await open(path, 'r');
  try {
    const bytes = (await sampleEntryBytes(file)) ?? (await matroskaCodecBytes(file));
    if (!bytes) {
      throw new FarmError('CHUNKS_INCOMPATIBLE', { message: 'A chunk holds no codec header.', details: { path } });
    }
    return createHash('sha256').update(bytes).digest('hex');
  } finally {
    await file.close();
  }
}

/** The video sample entry without `btrt`, whose bit rates differ from chunk to chunk by nature. */
async function sampleEntryBytes(file: FileHandle): Promise<Buffer | null> {
  const [track] = await findTracks(file, 'vide');
  const [table] = track ? await findBoxes(file, ['mdia', 'minf', 'stbl', 'stsd'], track) : [];
  if (!table) return null;
  const kept: Buffer[] = [];
  for (const entry of await childBoxes(file, table.start + 8, table.end)) {
    kept.push(Buffer.from(entry.type, 'latin1'), await readBytes(file, entry.start, visualEntryBytes));
    for (const box of await childBoxes(file, entry.start + visualEntryBytes, entry.end)) {
      if (box.type === 'btrt') continue;
      kept.push(Buffer.from(box.type, 'latin1'), await readBytes(file, box.start, box.end - box.start));
    }
  }
  return kept.length === 0 ? null : Buffer.concat(kept);
}

/**
 * Segments joined by copying share one decoder header; a different one would decode to garbage or not at all.
 * @throws FarmError CHUNKS_INCOMPATIBLE naming the first chunk that differs from chunk 0.
 */
export async function assertSameCodecConfiguration(segmentPaths: readonly string[]): Promise<void> {
  let first: Sha256 | null = null;
  for (const [chunkIndex, path] of segmentPaths.entries()) {
    const hash = await codecConfiguration(path);
    first ??= hash;
    if (hash !== first) {
      throw new FarmError('CHUNKS_INCOMPATIBLE', {
        message: `Chunk ${chunkIndex} was made with other encoder settings than chunk 0.`,
        details: { chunkIndex, path },
      });
    }
  }
}
