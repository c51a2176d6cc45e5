import { readFile } from 'node:fs/promises';
import { FarmError } from '@reelmill/protocol';

/** What one frame changes of the picture. */
export interface WebpFrame {
  /** The changed part as a WebP file of its own. */
  readonly still: Buffer;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly durationMs: number;
  /** Where it is transparent, what was there stays. */
  readonly blends: boolean;
  /** Its part is empty once it was shown. */
  readonly clears: boolean;
}

export interface WebpAnimation {
  readonly width: number;
  readonly height: number;
  /** 0: for ever. */
  readonly loops: number;
  readonly durationMs: number;
  readonly frames: readonly WebpFrame[];
}

const uint24 = (bytes: Buffer, at: number): number => bytes.readUIntLE(at, 3);

/**
 * Reads an animated WebP, which FFmpeg 5 writes but does not decode.
 * @returns null for a still WebP, which the encoder makes of frames that are all alike
 * @throws FarmError DECODE_FAILED where it is no WebP, or cut short
 */
export async function readWebpAnimation(path: string): Promise<WebpAnimation | null> {
  const file = await readFile(path);
  try {
    return parseWebpAnimation(file);
  } catch (cause) {
    if (cause instanceof FarmError) throw cause;
    throw notWhole(path, cause);
  }
}

function parseWebpAnimation(file: Buffer): WebpAnimation | null {
  const isRiff = file.toString('latin1', 0, 4) === 'RIFF' && file.toString('latin1', 8, 12) === 'WEBP';
  if (!isRiff || file.readUInt32LE(4) + 8 !== file.length) throw notWhole('the file', undefined);
  const parts = chunksOf(file.subarray(12));
  const canvas = parts.find(({ name }) => name === 'VP8X')?.body;
  const control = parts.find(({ name }) => name === 'ANIM')?.body;
  if (canvas === undefined || control === undefined) return null;
  const frames = parts.filter(({ name }) => name === 'ANMF').map(({ body }) => body);
  return {
    width: uint24(canvas, 4) + 1,
    height: uint24(canvas, 7) + 1,
    loops: control.readUInt16LE(4),
    durationMs: frames.reduce((sum, body) => sum + uint24(body, 12), 0),
    frames: frames.map(frameOf),
  };
}

interface RiffChunk {
  readonly name: string;
  readonly body: Buffer;
}

function chunksOf(bytes: Buffer): RiffChunk[] {
  const found: RiffChunk[] = [];
  for (let at = 0; at < bytes.length; ) {
    const sizeBytes = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, at + 8 + sizeBytes);
    if (body.length !== sizeBytes) throw notWhole('the file', undefined);
    found.push({ name: bytes.toString('latin1', at, at + 4), body });
    at += 8 + sizeBytes + (sizeBytes % 2);
  }
  return found;
}

/** Sizes and times of a frame come first, then the chunks of a still picture. */
const frameHeaderBytes = 16;
const alphaFlag = 0x10;

const [clearFlag, opaqueFlag] = [1, 2];

/** An `ANMF` chunk (https://developers.google.com/speed/webp/docs/riff_container#animation). */
function frameOf(body: Buffer): WebpFrame {
  const flags = body.readUInt8(15);
  return {
    still: stillOf(body),
    ...{ x: 2 * uint24(body, 0), y: 2 * uint24(body, 3), width: uint24(body, 6) + 1, height: uint24(body, 9) + 1 },
    durationMs: uint24(body, 12),
    ...{ blends: (flags & opaqueFlag) === 0, clears: (flags & clearFlag) !== 0 },
  };
}

function stillOf(frame: Buffer): Buffer {
  const picture = frame.subarray(frameHeaderBytes);
  const isTransparent = chunksOf(picture).some(({ name }) => name === 'ALPH');
  const canvas = Buffer.alloc(10);
  canvas[0] = isTransparent ? alphaFlag : 0;
  frame.copy(canvas, 4, 6, 12);
  const body = Buffer.concat([Buffer.from('WEBP'), riffChunk('VP8X', canvas), picture]);
  return riffChunk('RIFF', body);
}

function riffChunk(name: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

const notWhole = (what: string, cause: unknown) =>
  new FarmError('DECODE_FAILED', { message: `${what} is no whole animated WebP.`, cause });
