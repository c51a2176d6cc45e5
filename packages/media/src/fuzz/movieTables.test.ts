import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { h264Parameters, type PictureParameters } from '../probe/frames/h264Parameters.ts';
import { h264Picture } from '../probe/frames/h264Picture.ts';
import { spanOf } from '../probe/frames/nearbyReader.ts';
import { objectType } from '../probe/movie/elementaryStream.ts';
import { movieTables } from '../probe/movie/movieTables.ts';
import { samplePlaces, sampleTimes, syncFlags } from '../probe/movie/trackSamples.ts';
import { anyMovie, box, movieBytes } from './movieBytes.ts';

const runs = { numRuns: 1000 };
const limits = { fileBytes: 1_000_000, samples: 10_000 };
const anyBytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

/** Everything that reads one header; what it gives is bounded by the limits. */
function readAll(movie: Buffer): void {
  for (const track of movieTables(movie) ?? []) {
    objectType(track.description);
    const places = samplePlaces(track, limits);
    if (places === null) continue;
    const count = places.sizes.length;
    expect(count).toBeLessThanOrEqual(limits.samples);
    for (const [at, position] of places.positions.entries()) {
      expect(position + (places.sizes[at] ?? 0)).toBeLessThanOrEqual(limits.fileBytes);
    }
    expect(sampleTimes(track, count)?.pts.every(Number.isFinite) ?? true).toBe(true);
    syncFlags(track.syncSamples, count);
  }
}

describe('movie headers', () => {
  test('bytes of any kind: tables or null', () => {
    fc.assert(fc.property(anyBytes(400), readAll), runs);
    fc.assert(
      fc.property(anyBytes(300), (bytes) => readAll(box('trak', bytes))),
      runs,
    );
  });

  test('a right header with some bytes changed: tables within the limits or null', () => {
    const anyChange = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(anyMovie, anyChange, (movie, changes) => {
        const bytes = movieBytes(movie);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        readAll(bytes);
      }),
      runs,
    );
  });

  test('a right header: every sample at its place and time', () => {
    fc.assert(
      fc.property(anyMovie, (movie) => {
        const [track] = movieTables(movieBytes(movie)) ?? [];
        if (!track) throw new Error('the header was refused');
        const places = samplePlaces(track, limits);
        const times = sampleTimes(track, movie.samples.length);
        expect([...(places?.positions ?? [])]).toEqual(movie.samples.map(({ position }) => position));
        expect([...(places?.sizes ?? [])]).toEqual(movie.samples.map(({ size }) => size));
        let decodeTime = 0;
        for (const [at, { duration, offset }] of movie.samples.entries()) {
          expect([times?.dts[at], times?.pts[at]]).toEqual([decodeTime, decodeTime + offset]);
          decodeTime += duration;
        }
      }),
      runs,
    );
  });
});

describe('H.264 headers', () => {
  // High profile, 4-byte lengths, as FFmpeg writes what x264 makes of 64 by 48
  const configuration = Buffer.from(
    '0164000affe100186764000aacd9847b011000000300100000030320f12259a001000668e978f2c8b0fdf8f800',
    'hex',
  );

  test('a right configuration', () => {
    const parameters = h264Parameters(configuration);
    expect(parameters?.pictures.get(0)).toMatchObject({ frameNumberBits: 4, orderType: 0, weightsPredicted: true });
  });

  test('configurations of any bytes: parameters or null', () => {
    const anyChange = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(anyChange, fc.nat(60), (changes, length) => {
        const bytes = Buffer.from(configuration.subarray(0, length));
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        h264Parameters(bytes);
      }),
      runs,
    );
  });

  test('frames of any bytes: a kind or null', () => {
    const parameters = { sets: [], pictures: new Map([[0, plainPicture]]) };
    const anyType = fc.constantFrom(0x65, 0x41, 0x01, 0x06, 0x67, 0x09, 0xff);
    fc.assert(
      fc.property(anyType, anyBytes(200), fc.nat(400), (type, payload, claimed) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(claimed);
        const frame = Buffer.concat([length, Buffer.from([type]), payload]);
        expect(['key', 'other', null]).toContain(h264Picture(spanOf(frame), frame.length, parameters));
      }),
      runs,
    );
  });
});

const plainPicture: PictureParameters = {
  ...{ frameNumberBits: 4, orderType: 0, orderBits: 6, orderIsFixed: true, hasChroma: true, hasOrderDelta: false },
  ...{ isRedundancyCounted: false, references: [3, 1], weightsPredicted: true, weightsInterpolated: true },
};
