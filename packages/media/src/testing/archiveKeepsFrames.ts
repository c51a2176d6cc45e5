// Used by tests only: a body shared by several files, so that two workers can run them side by side.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { frameHashes } from '../identity/frameHashes.ts';
import { renderLocally } from './renderLocally.ts';
import { sharedClips } from './sharedClips.ts';
import { testRun } from './testRun.ts';

/** Decision 7: these have to be cut at 2 s; the others go whole for a reason that the plan names. */
const mustBeCut = new Set(['d01', 'd02', 'd11', 'd13', 'd14', 'd18', 'd22', 'd23', 'd28']);

/** The archive of each clip, cut every 2 s, decodes to the very frames of its source, in order (decision 6). */
export function archiveKeepsFrames(numbers: readonly string[]): void {
  describe.each(sharedClips('all', numbers))('%s', (name, path) => {
    test('decodes from the archive to the same frames in the same order', { timeout: 3_600_000 }, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'reelmill-archive-'));
      try {
        const order = { presetId: 'ffv1-archive', chunkSeconds: 2, verify: 'seams', folder } as const;
        const { manifest, report, outputPath } = await renderLocally(path, order, testRun());
        expect(manifest.plan === 'chunked').toBe(mustBeCut.has(name.slice(0, 3)) || manifest.wholeReason === null);
        expect(report.maxPtsErrorSeconds).toBeLessThanOrEqual(0.000502);
        expect(report.audioOffsetErrorSeconds ?? 0).toBeLessThanOrEqual(0.001);
        const [source, output] = [await frameHashes(path, testRun()), await frameHashes(outputPath, testRun())];
        expect(output.length).toBe(source.length);
        expect(output.findIndex((hash, at) => hash !== source[at])).toBe(-1);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
}
