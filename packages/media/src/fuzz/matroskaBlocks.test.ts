import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spanOf } from '../probe/frames/nearbyReader.ts';
import { blockHeadBytes, clusterBlocks } from '../probe/matroska/blockWalk.ts';
import { elementAt, elementsOf } from '../probe/matroska/ebml.ts';
import { guessedDts } from '../probe/matroska/guessedDts.ts';
import { countsMilliseconds, matroskaTracks } from '../probe/matroska/tracks.ts';

const runs = { numRuns: 1000 };
const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const readerOf = (bytes: Buffer) => (position: number) => ({ bytes, start: position, end: bytes.length });

/** An element with a size of two bytes. */
function element(id: number[], content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...id, 0x40 | (content.length >> 8), content.length & 0xff]), content]);
}

interface MadeBlock {
  readonly track: number;
  readonly time: number;
  readonly size: number;
  readonly isGrouped: boolean;
}
const anyBlock: fc.Arbitrary<MadeBlock> = fc.record({
  track: fc.integer({ min: 1, max: 126 }),
  time: fc.nat(30_000),
  size: fc.integer({ min: 1, max: 200 }),
  isGrouped: fc.boolean(),
});
const anyBlocks = fc.array(anyBlock, { maxLength: 12 });

function clusterOf(blocks: readonly MadeBlock[]): Buffer {
  const made = blocks.map(({ track, time, size, isGrouped }) => {
    const content = Buffer.alloc(blockHeadBytes + size);
    content.writeUInt8(0x80 | track, 0);
    content.writeInt16BE(time, 1);
    if (!isGrouped) return element([0xa3], content);
    return element([0xa0], Buffer.concat([element([0xa1], content), element([0x9b], Buffer.from([40]))]));
  });
  return element([0x1f, 0x43, 0xb6, 0x75], Buffer.concat([element([0xe7], Buffer.from([0, 100])), ...made]));
}

/** All blocks, null last where the walk gave up; no block lies outside of the cluster. */
function walkAll(bytes: Buffer) {
  const cluster = elementAt(spanOf(bytes), 0);
  if (cluster === null) return [];
  const blocks = [...clusterBlocks(readerOf(bytes), cluster)];
  for (const block of blocks) {
    expect(block === null || block.position + blockHeadBytes + block.size <= cluster.end).toBe(true);
  }
  expect(blocks.slice(0, -1)).not.toContain(null);
  return blocks;
}

test('bytes of any kind: elements, tracks and blocks, or null', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      elementsOf(bytes);
      matroskaTracks(bytes);
      countsMilliseconds(bytes);
      walkAll(bytes);
      walkAll(Buffer.concat([Buffer.from([0x1f, 0x43, 0xb6, 0x75, 0x41, 0x00, 0xe7, 0x81, 5]), bytes]));
    }),
    runs,
  );
});

test('a right cluster: every block at its place and time', () => {
  fc.assert(
    fc.property(anyBlocks, (blocks) => {
      const found = walkAll(clusterOf(blocks)).map((block) => block && [block.track, block.pts, block.size]);
      expect(found).toEqual(blocks.map(({ track, time, size }) => [track, 100 + time, size]));
    }),
    runs,
  );
});

test('a right cluster with some bytes changed: blocks within it, or null', () => {
  const anyChange = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(anyBlocks, anyChange, (blocks, changes) => {
      const bytes = clusterOf(blocks);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      walkAll(bytes);
    }),
    runs,
  );
});

test('guessed decode times: never after the picture is shown, ascending where the delay suffices', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000), { maxLength: 60 }), fc.nat(8), (pts, delay) => {
      const dts = guessedDts(pts, delay);
      expect(dts.map((time, at) => Number.isNaN(time) || time <= (pts[at] ?? 0))).not.toContain(false);
      expect(dts.filter(Number.isNaN).length).toBe(Math.min(delay, pts.length));
    }),
    runs,
  );
});
