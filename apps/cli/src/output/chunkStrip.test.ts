import { type ChunkView, RenditionId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { chunkStrip } from './chunkStrip.ts';

const chunk = (state: ChunkView['state'], attempt = 1): ChunkView => ({
  index: 0,
  rendition: RenditionId.parse('h264-720p'),
  chunkIndex: 0,
  firstFrame: 0,
  endFrame: 10,
  state,
  attempt,
  node: null,
  percent: 0,
  fps: 0,
});

test('each chunk state has its own character and a retry shows its attempt', () => {
  const chunks = [
    chunk('verified'),
    chunk('uploading'),
    chunk('encoding'),
    chunk('retry', 3),
    chunk('failed'),
    chunk('waiting'),
  ];
  expect(chunkStrip(chunks, 80)).toBe('#^>3xo');
});

test('a long film keeps the width and never hides an undone chunk of a group', () => {
  const chunks = Array.from({ length: 100 }, (_, index) => chunk(index === 57 ? 'failed' : 'verified'));
  const strip = chunkStrip(chunks, 10);
  expect(strip).toHaveLength(10);
  expect(strip).toBe('#####x####');
});
