import { keepsBitrate } from '../testing/webProfiles.ts';

keepsBitrate([{ preset: 'webm_720p', codec: 'vp9', width: 1280, height: 720, bitrate: 2_000_000 }]);
