import { describe, expect, test } from 'vitest';
import { clipPlans } from '../testing/clipPlans.ts';
import { planFor } from '../testing/encodeAllChunks.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { testRun } from '../testing/testRun.ts';

const clips = sharedClips('all');

describe.skipIf(clips.length === 0)('which shared clips are cut, and why the others are not', () => {
  test.each(clips)('%s', async (name, path) => {
    const manifest = await planFor(path, 'ffv1-archive', testRun());
    const found = manifest.plan === 'chunked' ? { chunks: manifest.chunks.length } : { whole: manifest.wholeReason };
    expect(found).toEqual(clipPlans[name.slice(0, 3)]);
  });

  test('of several default video tracks the largest is rendered: stream 3 of d18, 390 frames', async () => {
    const path = clips.find(([name]) => name.startsWith('d18'))?.[1] ?? '';
    const manifest = await planFor(path, 'ffv1-archive', testRun());
    expect(manifest.video.streamIndex).toBe(3);
    expect(manifest.frames).toBe(390);
  });
});
