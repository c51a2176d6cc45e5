import type { FileHandle } from 'node:fs/promises';
import { h264Parameters } from '../frames/h264Parameters.ts';
import { readH264Picture } from '../frames/h264Picture.ts';
import { nearbyReader } from '../frames/nearbyReader.ts';
import { turnTaker } from '../frames/turns.ts';
import { boxesOf, onlyBox } from './boxBytes.ts';
import type { TrackTables } from './movieTables.ts';
import { type SamplePlaces, syncFlags } from './trackSamples.ts';

/** Fields of a picture's sample description before its boxes (ISO/IEC 14496-12, 12.1.3). */
const pictureFieldBytes = 78;

export interface KeyReading {
  readonly file: FileHandle;
  readonly signal: AbortSignal;
  /** Told how far into the file frames were looked at. */
  readonly onBytes: (endByte: number) => void;
}

/** Sample descriptions that FFmpeg's demuxer lists as the tables say, without a parser. */
const listedByTable = new Set(['hvc1', 'hev1', 'apch', 'apcn', 'apcs', 'apco', 'ap4h', 'ap4x']);

/**
 * Which frames of a picture track are key frames, as FFmpeg's demuxer tells: by the table, or for H.264 by what its
 * parser sees in each frame. Null for other codecs, and for frames that the parser could complain about.
 */
export async function pictureKeys(
  track: TrackTables,
  places: SamplePlaces,
  reading: KeyReading,
): Promise<Uint8Array | null> {
  const listed = syncFlags(track.syncSamples, places.sizes.length);
  if (listed === null || listedByTable.has(track.format)) return listed;
  const boxes = track.format === 'avc1' ? boxesOf(track.description.subarray(pictureFieldBytes)) : null;
  const configuration = boxes && onlyBox(boxes, 'avcC');
  const parameters = configuration && h264Parameters(configuration);
  if (!parameters) return null;
  const read = nearbyReader(reading.file.fd);
  const keys = new Uint8Array(places.sizes.length);
  const turn = turnTaker(reading.signal);
  for (let at = 0; at < keys.length; at += 1) {
    const [position = 0, size = 0] = [places.positions[at], places.sizes[at]];
    const kind = readH264Picture(read, { position, size }, parameters);
    if (kind === null) return null;
    keys[at] = kind === 'key' ? 1 : 0;
    if (!turn.isOver()) continue;
    reading.onBytes(position + size);
    await turn.rest();
  }
  return keys;
}
