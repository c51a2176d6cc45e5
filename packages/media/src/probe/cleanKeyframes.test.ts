import { expect, test } from 'vitest';
import { startsWithRefresh } from './cleanKeyframes.ts';

const nal = (header: number[], length = 10) => {
  const bytes = Buffer.alloc(4 + length);
  bytes.writeUInt32BE(length);
  bytes.set(header, 4);
  return bytes;
};

test('H.264: an IDR slice behind parameter sets is a clean start; a recovery point is not', () => {
  const parameters = Buffer.concat([nal([0x67]), nal([0x68]), nal([0x06])]);
  const idr = Buffer.concat([parameters, nal([0x65])]);
  expect(startsWithRefresh(idr, 'h264', idr.length)).toBe(true);
  const recovery = Buffer.concat([parameters, nal([0x61])]);
  expect(startsWithRefresh(recovery, 'h264', recovery.length)).toBe(false);
});

test('HEVC: IDR is a clean start, CRA with its leading pictures is not', () => {
  const idr = Buffer.concat([nal([32 << 1, 1]), nal([19 << 1, 1])]);
  const cra = Buffer.concat([nal([32 << 1, 1]), nal([21 << 1, 1])]);
  expect(startsWithRefresh(idr, 'hevc', idr.length)).toBe(true);
  expect(startsWithRefresh(cra, 'hevc', cra.length)).toBe(false);
});

test('what does not parse is never a clean start', () => {
  expect(startsWithRefresh(Buffer.from('not a frame at all'), 'h264', 18)).toBe(false);
  expect(startsWithRefresh(Buffer.alloc(0), 'h264', 0)).toBe(false);
});
