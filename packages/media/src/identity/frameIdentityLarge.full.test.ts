import { describe, test } from 'vitest';
import { expectSameFrames } from '../testing/expectSameFrames.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { testRun } from '../testing/testRun.ts';

const clips = sharedClips('all').filter(([name]) => /^d(01|02|04|14)_/.test(name));

describe.skipIf(clips.length === 0)('frames of a chunked lossless encode are the frames of the source (large)', () => {
  test.each(clips)('%s', async (_, path) => {
    await expectSameFrames(path, testRun());
  });
});
