import fc from 'fast-check';
import { expect, test } from 'vitest';
import { barcode, barcodeBlocks, readBlocks } from './barcode.ts';

test('every frame number is read back from its blocks, also dimmed and with noise', () => {
  const frameNumber = fc.integer({ min: 0, max: barcode.largestNumber });
  const noise = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(frameNumber, noise, (wanted, offsets) => {
      const dimmed = barcodeBlocks(wanted).map((value, at) => 60 + value * 0.5 + (offsets[at] ?? 0));
      expect(readBlocks(dimmed)).toBe(wanted);
    }),
  );
});

test('a picture without a barcode has no number', () => {
  expect(readBlocks(new Uint8Array(32).fill(128))).toBeNull();
  expect(readBlocks(new Uint8Array(32))).toBeNull();
  expect(readBlocks(Uint8Array.from({ length: 32 }, (_, at) => at * 8))).toBeNull();
});

test('one flipped bit is noticed', () => {
  const blocks = barcodeBlocks(123_456);
  for (let bit = 2; bit < 30; bit += 1) {
    const damaged = Uint8Array.from(blocks);
    damaged[bit] = 255 - (damaged[bit] ?? 0);
    expect(readBlocks(damaged)).toBeNull();
  }
});
