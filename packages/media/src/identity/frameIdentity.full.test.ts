import { describe, test } from 'vitest';
import { expectSameFrames } from '../testing/expectSameFrames.ts';
import { sharedClips } from '../testing/sharedClips.ts';
import { testRun } from '../testing/testRun.ts';

/** The larger ones and d28 are in files of their own, so that each file stays short. */
const elsewhere = /^d(01|02|04|14|28)_/;
const clips = sharedClips('all').filter(([name]) => !elsewhere.test(name));

describe.skipIf(clips.length === 0)('frames of a chunked lossless encode are the frames of the source', () => {
  test.each(clips)('%s', async (_, path) => {
    await expectSameFrames(path, testRun());
  });
});
