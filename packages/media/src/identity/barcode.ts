/**
 * The frame number as 32 blocks in a row, across the whole width of the top eighteenth of the picture: white, black,
 * 24 data bits (highest first), 4 check bits, black, white. Blocks survive scaling and lossy codecs; a frame that was
 * blended from two does not pass the check.
 */
export const barcode = {
  blocks: 32,
  /** Height of the strip as a fraction of the picture: 40 lines of 720. */
  heightDivisor: 18,
  largestNumber: 0xffffff,
} as const;

/** Brightness of the blocks of one frame number, 0 or 255. */
export function barcodeBlocks(frameNumber: number): Uint8Array {
  const bits = [1, 0, ...bitsOf(frameNumber, 24), ...bitsOf(checkNibble(frameNumber), 4), 0, 1];
  return Uint8Array.from(bits, (bit) => bit * 255);
}

/** The frame number in the mean brightness of the blocks, or null when they are no barcode. */
export function readBlocks(blocks: Uint8Array): number | null {
  const at = (index: number) => blocks[index] ?? 0;
  const white = (at(0) + at(31)) / 2;
  const black = (at(1) + at(30)) / 2;
  if (white - black < 64) return null;
  const bit = (index: number) => (at(index) > (white + black) / 2 ? 1 : 0);
  const numberAt = (first: number, count: number) =>
    Array.from({ length: count }, (_, offset) => bit(first + offset)).reduce<number>(
      (value, next) => value * 2 + next,
      0,
    );
  const frameNumber = numberAt(2, 24);
  return numberAt(26, 4) === checkNibble(frameNumber) ? frameNumber : null;
}

function bitsOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => (value >>> (count - 1 - at)) & 1);
}

/** Exclusive or of the six nibbles, inverted: a strip of zeros is no barcode either. */
function checkNibble(value: number): number {
  let nibbles = 0xf;
  for (let shift = 0; shift < 24; shift += 4) nibbles ^= (value >>> shift) & 0xf;
  return nibbles;
}
