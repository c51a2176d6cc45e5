import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VideoTrack } from '../probe/mediaInfo.ts';
import { plainInfo } from '../testing/plannedFrames.ts';
import { cropToBox, displaySize, fitBox, type PictureSize, padToBox } from './fitPicture.ts';

const side = fc.integer({ min: 1, max: 16_384 });
const boxSide = fc.integer({ min: 16, max: 16_384 });
const anyBox = fc.record({ width: boxSide, height: boxSide });
const anyTrack: fc.Arbitrary<VideoTrack> = fc
  .record({
    width: side,
    height: side,
    sampleAspectRatio: fc.record({ num: fc.integer({ min: 1, max: 300 }), den: fc.integer({ min: 1, max: 300 }) }),
    rotationClockwise: fc.constantFrom(0, 90, 180, 270),
  })
  .map((track) => ({ ...plainInfo.video, ...track }));

const isEven = ({ width, height }: PictureSize) => [width, height].every((length) => length >= 2 && length % 2 === 0);
/** A side is rounded to the nearest even number, and is 2 at least. */
const isNotLarger = (scaled: PictureSize, source: PictureSize) =>
  scaled.width <= Math.max(2, source.width + 0.5) && scaled.height <= Math.max(2, source.height + 0.5);
const isWithin = (inner: PictureSize, outer: PictureSize) =>
  inner.width <= Math.max(2, outer.width + 0.5) && inner.height <= Math.max(2, outer.height + 0.5);

describe('for every source size, pixel shape, rotation and box', () => {
  test('inside: even, within the box or its portrait twin, never enlarged', () => {
    fc.assert(
      fc.property(anyTrack, anyBox, (track, box) => {
        const source = displaySize(track);
        const output = fitBox(source, box);
        const limit = source.height > source.width ? { width: box.height, height: box.width } : box;
        expect(isEven(output) && isWithin(output, limit) && isNotLarger(output, source)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['crop', cropToBox],
    ['pad', padToBox],
  ] as const)('%s: even, within the box as given, never enlarged, one lies on the other', (fit, place) => {
    fc.assert(
      fc.property(anyTrack, anyBox, (track, box) => {
        const source = displaySize(track);
        const { scaled, output } = place(source, box);
        const [inner, outer] = fit === 'crop' ? [output, scaled] : [scaled, output];
        expect(isEven(scaled) && isEven(output) && isWithin(output, box)).toBe(true);
        expect(isNotLarger(scaled, source)).toBe(true);
        expect(inner.width <= outer.width && inner.height <= outer.height).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

const portrait = { width: 1080, height: 1920 };

test.each([
  ['landscape covers the phone', { width: 3840, height: 2160 }, '3414x1920', '1080x1920'],
  ['too small to cover: a smaller phone', { width: 1280, height: 720 }, '1280x720', '404x720'],
  ['a phone film is only scaled', { width: 2160, height: 3840 }, '1080x1920', '1080x1920'],
])('crop: %s', (_, size, scaled, output) => {
  const found = cropToBox(size, portrait);
  expect([found.scaled, found.output].map(({ width, height }) => `${width}x${height}`)).toEqual([scaled, output]);
});

test.each([
  ['landscape lies in the middle', { width: 3840, height: 2160 }, '1080x608', '1080x1920'],
  ['small: a smaller phone', { width: 640, height: 360 }, '640x360', '640x1136'],
])('pad: %s', (_, size, scaled, output) => {
  const found = padToBox(size, portrait);
  expect([found.scaled, found.output].map(({ width, height }) => `${width}x${height}`)).toEqual([scaled, output]);
});
