// Used by tests only: what the readers of plain containers say, against a pass of FFprobe over the whole file.
import { stat } from 'node:fs/promises';
import { expect } from 'vitest';
import { listByFfprobe } from '../probe/indexSource.ts';
import { readPlainMatroska } from '../probe/matroska/plainMatroska.ts';
import { readPlainMovie } from '../probe/movie/plainMovie.ts';
import { testRun } from './testRun.ts';

const readers = { mov: readPlainMovie, matroska: readPlainMatroska };

/** `left`: not plain, for FFprobe to read. Else every packet of every picture track is as FFprobe lists it. */
export async function comparedWithFfprobe(path: string, demuxer: 'mov' | 'matroska'): Promise<'same' | 'left'> {
  const run = testRun();
  const plain = await readers[demuxer](path, { ...run, onBytes: () => {} });
  if (plain === null) return 'left';
  const { size: sizeBytes } = await stat(path);
  const listed = await listByFfprobe(path, { demuxer, sizeBytes }, run);
  expect(listed.errorLines).toBe(0);
  let pictures = 0;
  for (const [stream, list] of plain.byStream) {
    const other = listed.byStream.get(stream);
    // of sound only the end was asked for
    if (list.pts.length !== other?.pts.length) {
      expect(list.durationByLatestPts).toEqual(other?.durationByLatestPts);
      continue;
    }
    expect(list).toEqual(other);
    pictures += 1;
  }
  expect(pictures).toBeGreaterThan(0);
  return 'same';
}
