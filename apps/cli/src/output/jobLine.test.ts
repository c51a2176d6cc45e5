import type { JobView } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { jobLine } from './jobLine.ts';

const job = {
  jobId: 'J-aaaaaaaaaa',
  input: '/films/a.mov',
  state: 'done',
  error: null,
  outputs: [{ rendition: 'h264-720p', path: '/out/a.mp4', frames: 48, sha256: 'a'.repeat(64), sizeBytes: 9 }],
  chunksDone: 2,
  attempts: 3,
  nodes: ['b', 'a'],
  sourceFrames: 48,
  plan: 'chunked',
  wholeReason: null,
  reports: [],
  verify: 'seams',
  warnings: ['AUDIO_DOWNMIX: The sound has 6 channels; two remain.'],
  threads: 1,
} as unknown as JobView;

test('a done job lists its outputs, sorted nodes, and warnings as codes with their sentences beside', () => {
  const line = jobLine(job, { wallSeconds: 1.23456, slots: 2 });
  expect(line).toMatchObject({ type: 'job', state: 'done', nodes: ['a', 'b'], wallSeconds: 1.235, chunks: 2 });
  expect(line.warnings).toEqual(['AUDIO_DOWNMIX']);
  expect(line.notes).toEqual(job.warnings);
  expect(line.code).toBeUndefined();
});

test('a canceled job is a failed line with a code and no output', () => {
  const line = jobLine({ ...job, state: 'canceled' } as JobView, { wallSeconds: 1, slots: 2 });
  expect(line).toMatchObject({ state: 'failed', code: 'CANCELED', outputs: [] });
});
