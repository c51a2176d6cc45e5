import { open } from 'node:fs/promises';
import { BugError } from '@reelmill/protocol';
import { findBoxes, findTracks, readBytes } from './boxes.ts';

/** 1.0 as 16.16 fixed point. */
const one = 0x10000;

/**
 * Writes the display rotation of a finished mp4 or mov into the video track's header (ISO/IEC 14496-12, 8.3.2).
 * FFmpeg's option for it changed its name and its sign between versions; the box did not.
 * @param clockwiseDegrees 90, 180 or 270: how a player turns the coded picture.
 * @throws BugError without a video track header.
 */
export async function writeRotation(path: string, clockwiseDegrees: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const [track] = await findTracks(file, 'vide');
    const [header] = track ? await findBoxes(file, ['tkhd'], track) : [];
    if (!header) throw new BugError(`no video track header in ${path}`);
    const bytes = await readBytes(file, header.start, header.end - header.start);
    const matrixAt = bytes[0] === 1 ? 52 : 40;
    const size = { width: bytes.readUInt32BE(matrixAt + 36), height: bytes.readUInt32BE(matrixAt + 40) };
    for (const [at, value] of rotationMatrix(clockwiseDegrees, size).entries()) {
      bytes.writeInt32BE(value, matrixAt + 4 * at);
    }
    await file.write(bytes, 0, bytes.length, header.start);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** The six matrix values a, b, u, c, d, v, then x, y and w; the picture is moved back to the origin. */
function rotationMatrix(clockwiseDegrees: number, size: { width: number; height: number }): number[] {
  const unit = 0x40000000;
  switch (((clockwiseDegrees % 360) + 360) % 360) {
    case 90:
      return [0, one, 0, -one, 0, 0, size.height, 0, unit];
    case 180:
      return [-one, 0, 0, 0, -one, 0, size.width, size.height, unit];
    case 270:
      return [0, -one, 0, one, 0, 0, 0, size.width, unit];
    default:
      return [one, 0, 0, 0, one, 0, 0, 0, unit];
  }
}
