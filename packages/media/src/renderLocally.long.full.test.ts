import { archiveKeepsFrames } from './testing/archiveKeepsFrames.ts';

// Six minutes of 1080p cost ten CPU minutes as a whole archive: full tier. Chunks of it are in identity/frameIdentityLong.
archiveKeepsFrames(process.env.REELMILL_TEST_TIER === 'full' ? ['d14', 'd28'] : ['d14']);
