import { type FileHandle, open } from 'node:fs/promises';
import { BugError } from '@reelmill/protocol';
import { type Box, findBoxes, findTracks, readBytes } from './boxes.ts';

export interface Priming {
  /** Which of the audio tracks, from 0. */
  readonly track: number;
  /** Encoder delay at the head of the track, in ticks of `timescale`. */
  readonly ticks: number;
  readonly timescale: number;
}

/**
 * Makes the audio track of a finished mp4 or mov skip its encoder delay after an empty edit. FFmpeg's muxer drops that
 * trim whenever a track starts late, and the sound would begin one priming early (21 ms at 48 kHz). Expects what
 * `assembleArgs` provokes: an edit list of exactly two entries, empty then media from 0. Sizes do not change.
 * @throws BugError when the edit list has another form.
 */
export async function trimPriming(path: string, priming: Priming): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const track = (await findTracks(file, 'soun'))[priming.track];
    const [list] = track ? await findBoxes(file, ['edts', 'elst'], track) : [];
    const [movieHeader] = await findBoxes(file, ['moov', 'mvhd']);
    if (!list || !movieHeader) throw new BugError(`no audio edit list in ${path}`);
    const trimmed = Math.round((priming.ticks * (await movieTimescaleOf(file, movieHeader))) / priming.timescale);
    await patchList(file, list, { primingTicks: priming.ticks, trimmedMovieTicks: trimmed });
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function movieTimescaleOf(file: FileHandle, movieHeader: Box): Promise<number> {
  const bytes = await readBytes(file, movieHeader.start, 24);
  return bytes.readUInt32BE(bytes[0] === 1 ? 20 : 12);
}

async function patchList(
  file: FileHandle,
  list: Box,
  { primingTicks, trimmedMovieTicks }: { primingTicks: number; trimmedMovieTicks: number },
): Promise<void> {
  const bytes = await readBytes(file, list.start, list.end - list.start);
  const wide = bytes[0] === 1;
  const second = 8 + (wide ? 20 : 12);
  if (bytes.readUInt32BE(4) !== 2 || mediaTime(bytes, 8, wide) !== -1 || mediaTime(bytes, second, wide) !== 0) {
    throw new BugError('the audio edit list is not an empty edit followed by media from 0');
  }
  if (wide) {
    bytes.writeBigUInt64BE(bytes.readBigUInt64BE(second) - BigInt(trimmedMovieTicks), second);
    bytes.writeBigInt64BE(BigInt(primingTicks), second + 8);
  } else {
    bytes.writeUInt32BE(bytes.readUInt32BE(second) - trimmedMovieTicks, second);
    bytes.writeInt32BE(primingTicks, second + 4);
  }
  await file.write(bytes, 0, bytes.length, list.start);
}

function mediaTime(bytes: Buffer, entry: number, wide: boolean): number {
  return wide ? Number(bytes.readBigInt64BE(entry + 8)) : bytes.readInt32BE(entry + 4);
}
