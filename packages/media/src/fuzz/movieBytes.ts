// Used by tests only: headers of movie files, made of bytes.
import fc from 'fast-check';

export interface MadeMovie {
  /** Chunk offsets of 64 bits. */
  readonly isWide: boolean;
  readonly samples: readonly { size: number; position: number; duration: number; offset: number }[];
}

/** One picture track, one sample a chunk. */
export const anyMovie: fc.Arbitrary<MadeMovie> = fc.record({
  isWide: fc.boolean(),
  samples: fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: 5000 }),
      position: fc.nat(900_000),
      duration: fc.integer({ min: 1, max: 10_000 }),
      offset: fc.nat(20_000),
    }),
    { minLength: 1, maxLength: 40 },
  ),
});

export function box(type: string, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + content.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, content]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
}

/** Content of a `moov` box. */
export function movieBytes({ samples, isWide }: MadeMovie): Buffer {
  const count = samples.length;
  const table = box(
    'stbl',
    box('stsd', numbers(0, 1), box('avc1', Buffer.alloc(78))),
    box('stts', numbers(0, count, ...samples.flatMap(({ duration }) => [1, duration]))),
    box('ctts', numbers(0, count, ...samples.flatMap(({ offset }) => [1, offset]))),
    box('stsz', numbers(0, 0, count, ...samples.map(({ size }) => size))),
    box('stsc', numbers(0, 1, 1, 1, 1)),
    box(
      isWide ? 'co64' : 'stco',
      numbers(0, count, ...samples.flatMap(({ position }) => (isWide ? [0, position] : [position]))),
    ),
  );
  const data = box('dinf', box('dref', numbers(0, 1), box('url ', numbers(1))));
  const handler = box('hdlr', numbers(0, 0), Buffer.from('vide'), Buffer.alloc(13));
  const media = box('mdia', box('mdhd', numbers(0, 0, 0, 90_000, 0, 0)), handler, box('minf', data, table));
  return Buffer.concat([box('mvhd', numbers(0, 0, 0, 1000), Buffer.alloc(84)), box('trak', media)]);
}
