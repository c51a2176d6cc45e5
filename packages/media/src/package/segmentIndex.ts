import { open } from 'node:fs/promises';
import { BugError } from '@reelmill/protocol';
import type { PackagedTrack } from './packagedTrack.ts';

/** Every segment begins with a stream access point of type 1: it decodes on its own, in order of presentation. */
const startsWithAccessPoint = 0x90000000;

/**
 * The content of a `sidx` box (ISO/IEC 14496-12, 8.16.3, version 1). FFmpeg's own counts in decode times, by which
 * players would fetch the segment before the one they want.
 */
export function segmentIndex({ timescale, segments }: Pick<PackagedTrack, 'timescale' | 'segments'>): Buffer {
  const bytes = Buffer.alloc(32);
  bytes[0] = 1;
  bytes.writeUInt32BE(1, 4);
  bytes.writeUInt32BE(timescale, 8);
  bytes.writeBigUInt64BE(BigInt(segments[0]?.startTicks ?? 0), 12);
  bytes.writeUInt16BE(segments.length, 30);
  return Buffer.concat([
    bytes,
    ...segments.map(({ sizeBytes, durationTicks }) => {
      const entry = Buffer.alloc(12);
      entry.writeUInt32BE(sizeBytes, 0);
      entry.writeUInt32BE(durationTicks, 4);
      entry.writeUInt32BE(startsWithAccessPoint, 8);
      return entry;
    }),
  ]);
}

/** Replaces the index of a finished track file: no size changes. */
export async function writeSegmentIndex(path: string, track: PackagedTrack): Promise<void> {
  const content = segmentIndex(track);
  if (content.length !== track.indexSizeBytes - 8) throw new BugError(`${path} has room for another index`);
  const file = await open(path, 'r+');
  try {
    await file.write(content, 0, content.length, track.indexOffset + 8);
    await file.datasync();
  } finally {
    await file.close();
  }
}
