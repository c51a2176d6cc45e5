import { type FileHandle, open } from 'node:fs/promises';
import { FarmError } from '@reelmill/protocol';

/**
 * Tells from the container's own sizes whether the end of a file is missing: FFmpeg would render the rest with exit
 * code 0. Reads a few bytes per top-level box (ISO/IEC 14496-12, 4.2) or one segment header (RFC 8794).
 * @throws FarmError SOURCE_TRUNCATED
 */
export async function assertNotTruncated(path: string, demuxer: string): Promise<void> {
  if (demuxer !== 'mov' && demuxer !== 'matroska') return;
  const file = await open(path, 'r');
  try {
    const sizeBytes = (await file.stat()).size;
    const needed = demuxer === 'mov' ? await isoNeededBytes(file, sizeBytes) : await matroskaNeededBytes(file);
    if (needed === null || needed <= sizeBytes) return;
    throw new FarmError('SOURCE_TRUNCATED', {
      message: `${path} ends after ${sizeBytes} bytes; its own index needs ${needed}.`,
      details: { path, sizeBytes, neededBytes: needed },
    });
  } finally {
    await file.close();
  }
}

/** End of the last top-level box; null when the chain cannot be followed. */
async function isoNeededBytes(file: FileHandle, sizeBytes: number): Promise<number | null> {
  let offset = 0;
  while (offset + 8 <= sizeBytes) {
    const header = await readBytes(file, offset, 16);
    const small = header.readUInt32BE(0);
    if (small === 0) return sizeBytes;
    const boxBytes = small === 1 && header.length === 16 ? Number(header.readBigUInt64BE(8)) : small;
    if (boxBytes < 8 || !/^[\x20-\x7e\u00a9]{4}$/.test(header.toString('latin1', 4, 8))) return null;
    offset += boxBytes;
  }
  return offset;
}

/** End of the segment as its header states it; null for live files of unknown size. */
async function matroskaNeededBytes(file: FileHandle): Promise<number | null> {
  const head = await readBytes(file, 0, 4096);
  const ebmlSize = readVariableInteger(head, 4);
  if (!ebmlSize || ebmlSize.value === null) return null;
  const segmentAt = ebmlSize.end + ebmlSize.value;
  if (segmentAt + 12 > head.length || head.readUInt32BE(segmentAt) !== 0x18538067) return null;
  const segmentSize = readVariableInteger(head, segmentAt + 4);
  return segmentSize?.value == null ? null : segmentSize.end + segmentSize.value;
}

/** EBML variable-size integer; value null means "unknown size" (all ones). */
function readVariableInteger(bytes: Buffer, at: number): { value: number | null; end: number } | null {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (first === 0 || at + length > bytes.length) return null;
  let value = BigInt(first & (0xff >> length));
  for (let index = 1; index < length; index += 1) value = (value << 8n) | BigInt(bytes[at + index] ?? 0);
  const unknown = (1n << BigInt(7 * length)) - 1n;
  return { value: value === unknown ? null : Number(value), end: at + length };
}

async function readBytes(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
