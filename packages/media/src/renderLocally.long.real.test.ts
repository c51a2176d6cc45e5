import { test } from 'vitest';
import { archiveKeepsFrames } from './testing/archiveKeepsFrames.ts';

// Minutes of CPU: nine seconds of 720p60 and six minutes of 1080p run in the full tier only.
const long = ['d14', 'd28'];
if (process.env.REELMILL_TEST_TIER === 'full') archiveKeepsFrames(long);
else test.skip(`archives of ${long.join(' and ')}: run with REELMILL_TEST_TIER=full`, () => undefined);
