import type { FileHandle } from 'node:fs/promises';
import { BugError } from '@reelmill/protocol';
import { childBoxes, findBoxes, readBytes } from '../assemble/boxes.ts';

/** Fields of a VisualSampleEntry before its child boxes (ISO/IEC 14496-12, 12.1.3). */
const visualEntryBytes = 78;

/**
 * The `codecs` parameter of RFC 6381 of a file's only track, from its own headers: a player decides by it alone whether
 * it can play a rendition.
 * @throws BugError for what no package holds.
 */
export async function codecName(file: FileHandle): Promise<string> {
  const [table] = await findBoxes(file, ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd']);
  const [entry] = table ? await childBoxes(file, table.start + 8, table.end) : [];
  // The encoder of sound writes AAC-LC, object type 2 (RFC 6381, 3.3).
  if (entry?.type === 'mp4a') return 'mp4a.40.2';
  const boxes = entry ? await childBoxes(file, entry.start + visualEntryBytes, entry.end) : [];
  for (const { type, start, end } of boxes) {
    const name = nameOf(type, await readBytes(file, start, Math.min(64, end - start)));
    if (entry && name !== null) return `${entry.type}.${name}`;
  }
  throw new BugError(`a package holds no ${entry?.type ?? 'empty track'}`);
}

function nameOf(box: string, bytes: Buffer): string | null {
  if (box === 'avcC') return bytes.toString('hex', 1, 4);
  if (box === 'hvcC') return hevcName(bytes);
  return box === 'av1C' ? av1Name(bytes) : null;
}

/** ISO/IEC 14496-15, E.3: profile, compatibility flags in reverse order of bits, tier and level, constraints. */
function hevcName(bytes: Buffer): string {
  const first = bytes[1] ?? 0;
  const space = ['', 'A', 'B', 'C'][first >> 6];
  const compatibility = bytes.readUInt32BE(2).toString(2).padStart(32, '0');
  const reversed = Number.parseInt([...compatibility].reverse().join(''), 2);
  const constraints = [...bytes.subarray(6, 12)].map((byte) => byte.toString(16).toUpperCase());
  while (constraints.at(-1) === '0') constraints.pop();
  const tier = (first & 0x20) === 0 ? 'L' : 'H';
  return [`${space}${first & 0x1f}`, reversed.toString(16).toUpperCase(), `${tier}${bytes[12]}`, ...constraints].join(
    '.',
  );
}

/** AV1 Codec ISO Media File Format Binding, 5: profile, level and tier, bit depth. */
function av1Name(bytes: Buffer): string {
  const [second, third] = [bytes[1] ?? 0, bytes[2] ?? 0];
  const level = String(second & 0x1f).padStart(2, '0');
  const tier = (third & 0x80) === 0 ? 'M' : 'H';
  const depth = (third & 0x40) === 0 ? '08' : (third & 0x20) === 0 ? '10' : '12';
  return `${second >> 5}.${level}${tier}.${depth}`;
}
