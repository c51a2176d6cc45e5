import { keepsBitrate } from '../testing/webProfiles.ts';

// Row S2.2 of the list of features.
keepsBitrate([
  { preset: '720p', codec: 'h264', width: 1280, height: 720, bitrate: 2_500_000 },
  { preset: '480p', codec: 'h264', width: 854, height: 480, bitrate: 1_500_000 },
  { preset: '360p', codec: 'h264', width: 640, height: 360, bitrate: 800_000 },
  { preset: '320p', codec: 'h264', width: 568, height: 320, bitrate: 600_000 },
]);
