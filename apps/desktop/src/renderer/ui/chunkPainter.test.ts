import { type ChunkView, RenditionId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { dominantChunk } from './chunkPainter.ts';

const chunk = (index: number, state: ChunkView['state']): ChunkView => ({
  index,
  rendition: RenditionId.parse('h264-720p'),
  chunkIndex: index,
  firstFrame: index * 10,
  endFrame: index * 10 + 10,
  state,
  attempt: 1,
  node: null,
  percent: 0,
  fps: 0,
});

test('neighbours that share a cell show the one that needs attention most', () => {
  const verified = chunk(0, 'verified');
  const failed = chunk(1, 'failed');
  const encoding = chunk(2, 'encoding');
  expect(dominantChunk([verified, encoding])).toBe(encoding);
  expect(dominantChunk([verified, failed, encoding])).toBe(failed);
  expect(dominantChunk([verified, chunk(3, 'waiting')])?.state).toBe('waiting');
  expect(dominantChunk([])).toBeUndefined();
});
