import type { PictureSize } from '../plan/fitPicture.ts';
import { inputGuardArgs, runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import type { PictureSubtitle } from './pictureSubtitle.ts';

/** Of DVB subtitles that say nothing else (ETSI EN 300 743, 7.2.1). */
const standardDisplay: PictureSize = { width: 720, height: 576 };

/**
 * The area that the places of a track's pictures are counted in.
 * @param trackPath a Matroska file with nothing else
 * @throws FarmError DECODE_FAILED, CANCELED
 */
export async function canvasOf(trackPath: string, { coded }: PictureSubtitle, run: RunOptions): Promise<PictureSize> {
  const args = ['-select_streams', 's:0', '-show_entries', 'stream=codec_name,width,height', '-of', 'json'];
  const [stream] = JSON.parse((await runFfprobe([...args, `file:${trackPath}`], run)).stdout).streams;
  if (stream?.codec_name === 'dvb_subtitle') return displayOf(await firstPacket(trackPath, run)) ?? standardDisplay;
  const { width = 0, height = 0 } = stream ?? {};
  return width > 0 && height > 0 ? { width, height } : coded;
}

async function firstPacket(trackPath: string, run: RunOptions): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const input = [...inputGuardArgs('matroska'), '-i', `file:${trackPath}`];
  await runFfmpeg([...input, '-map', '0:s:0', '-c', 'copy', '-frames:s', '1', '-f', 'data', '-'], run, {
    failureCode: 'DECODE_FAILED',
    onStdoutBytes: (bytes) => void pieces.push(bytes),
  });
  return Buffer.concat(pieces);
}

const syncByte = 0x0f;
const displayDefinition = 0x14;

/** The display definition segment of a DVB packet (ETSI EN 300 743, 7.2 and 7.2.1); null where there is none. Pure. */
export function displayOf(packet: Buffer): PictureSize | null {
  for (let at = 0; at + 6 <= packet.length && packet[at] === syncByte; at += 6 + packet.readUInt16BE(at + 4)) {
    if (packet[at + 1] !== displayDefinition || at + 11 > packet.length) continue;
    return { width: packet.readUInt16BE(at + 7) + 1, height: packet.readUInt16BE(at + 9) + 1 };
  }
  return null;
}
