// Used by tests only: subtitles that are pictures, written byte by byte (FFmpeg has no encoder for them).
import type { SubtitleLine } from './richSource.ts';

/** Size of the picture they are made for. */
export const subtitleCanvas = { width: 320, height: 180 };

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A PGS track as a `.sup` file: each line is a yellow box with a black edge, shown from its start to its end (US patent
 * application 2009/0185789, figures 7 to 13).
 */
export function pgsFile(lines: readonly SubtitleLine[]): Buffer {
  return Buffer.concat(
    lines.flatMap(({ startMs, endMs }, at) => {
      const box = { x: 40 + 20 * at, y: 120, width: 60, height: 24 };
      return [shown(startMs, box, 2 * at), cleared(endMs, box, 2 * at + 1)];
    }),
  );
}

const [paletteKind, objectKind, compositionKind, windowKind, endKind] = [0x14, 0x15, 0x16, 0x17, 0x80];

function shown(atMs: number, box: Box, number: number): Buffer {
  const object = [...u16(0), 0, 0, ...u16(box.x), ...u16(box.y)];
  const pixels = picture(box);
  return Buffer.concat([
    segment(atMs, compositionKind, [...composition(number), 0x80, 0, 0, 1, ...object]),
    segment(atMs, windowKind, window(box)),
    // white would be lost in the test picture: black and yellow, opaque
    segment(atMs, paletteKind, [0, 0, 1, 16, 128, 128, 255, 2, 210, 146, 16, 255]),
    segment(atMs, objectKind, [
      ...u16(0),
      0,
      0xc0,
      ...u24(pixels.length + 4),
      ...u16(box.width),
      ...u16(box.height),
      ...pixels,
    ]),
    segment(atMs, endKind, []),
  ]);
}

function cleared(atMs: number, box: Box, number: number): Buffer {
  return Buffer.concat([
    segment(atMs, compositionKind, [...composition(number), 0, 0, 0, 0]),
    segment(atMs, windowKind, window(box)),
    segment(atMs, endKind, []),
  ]);
}

const u16 = (value: number): number[] => [value >> 8, value & 0xff];
const u24 = (value: number): number[] => [value >> 16, ...u16(value & 0xffff)];
const composition = (number: number): number[] => [
  ...[...u16(subtitleCanvas.width), ...u16(subtitleCanvas.height), 0x10, ...u16(number)],
];
const window = ({ x, y, width, height }: Box): number[] => [1, 0, ...u16(x), ...u16(y), ...u16(width), ...u16(height)];

/** Runs of one colour, each line ended by two zeros. */
function picture({ width, height }: Box): number[] {
  const run = (length: number, color: number): number[] => [0, 0x80 | length, color];
  return Array.from({ length: height }, (_, line) => {
    const isEdge = line < 4 || line >= height - 4;
    return isEdge ? [...run(width, 1), 0, 0] : [...run(4, 1), ...run(width - 8, 2), ...run(4, 1), 0, 0];
  }).flat();
}

function segment(atMs: number, kind: number, content: readonly number[]): Buffer {
  const head = Buffer.alloc(13);
  head.write('PG');
  head.writeUInt32BE(atMs * 90, 2);
  head[10] = kind;
  head.writeUInt16BE(content.length, 11);
  return Buffer.concat([head, Buffer.from(content)]);
}
