import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FarmError, type GapPolicy, type ImageSequence } from '@reelmill/protocol';
import { frameName, gapsText, sequenceName } from './findSequences.ts';
import { type ImageFormat, sniffImage } from './sniffImage.ts';

export interface SequenceFrames {
  /** Paths in film order, one per frame; a held frame's path stands there again. */
  readonly paths: readonly string[];
  readonly format: ImageFormat;
  readonly sizeBytes: number;
  /** `10, 14–16`, or empty. */
  readonly missing: string;
}

const headBytes = 16;

/**
 * Lists the files of a sequence as they are now and looks at the first bytes of each.
 * @throws FarmError SOURCE_NOT_FOUND when no frame is left, SEQUENCE_GAPS where the policy is `fail`, SEQUENCE_BROKEN
 * for an empty file or one of another format than the first, SOURCE_UNREADABLE
 */
export async function listSequenceFrames(sequence: ImageSequence, gaps: GapPolicy): Promise<SequenceFrames> {
  const names = new Set(await readdir(sequence.folder).catch(() => [])); // a missing folder holds no frame
  const present: string[] = [];
  const paths: string[] = [];
  const lost: [first: number, last: number][] = [];
  for (let number = sequence.first; number <= sequence.last; number += 1) {
    const name = frameName(sequence, number);
    if (names.has(name)) {
      present.push(join(sequence.folder, name));
      paths.push(join(sequence.folder, name));
      continue;
    }
    const range = lost.at(-1);
    if (range?.[1] === number - 1) range[1] = number;
    else lost.push([number, number]);
    if (gaps === 'hold' && paths.length > 0) paths.push(paths.at(-1) as string);
  }
  const label = join(sequence.folder, sequenceName(sequence));
  if (present.length === 0) throw new FarmError('SOURCE_NOT_FOUND', { message: `${label} has no frame.` });
  const missing = gapsText(lost);
  if (missing !== '' && gaps === 'fail') {
    throw new FarmError('SEQUENCE_GAPS', { message: `${label} lacks the frames ${missing}.`, details: { missing } });
  }
  const { format, sizeBytes } = await examine(present);
  return { paths, format, sizeBytes, missing };
}

/** One file at a time: a sequence may have a hundred thousand. */
async function examine(paths: readonly string[]): Promise<{ format: ImageFormat; sizeBytes: number }> {
  let format: ImageFormat | null = null;
  let sizeBytes = 0;
  for (const path of paths) {
    const frame = await readHead(path);
    sizeBytes += frame.sizeBytes;
    const kind = sniffImage(frame.head);
    if (kind === null || (format !== null && kind !== format)) {
      const said = frame.sizeBytes === 0 ? 'holds zero bytes' : `is ${kind ?? 'no image'}, not ${format ?? 'an image'}`;
      throw new FarmError('SEQUENCE_BROKEN', { message: `${path} ${said}.`, details: { path } });
    }
    format = kind;
  }
  if (format === null) throw new FarmError('SOURCE_NOT_FOUND');
  return { format, sizeBytes };
}

async function readHead(path: string): Promise<{ head: Uint8Array; sizeBytes: number }> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new FarmError('SOURCE_UNREADABLE', { message: `${path} cannot be read.`, cause, details: { path } });
  });
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return { head: buffer.subarray(0, bytesRead), sizeBytes: size };
  } finally {
    await file.close();
  }
}
