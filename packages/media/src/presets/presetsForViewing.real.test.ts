import { rendersPresets } from '../testing/presetRenders.ts';

const h264 = { codec_name: 'h264', codec_tag_string: 'avc1', profile: 'High', pix_fmt: 'yuv420p' };

rendersPresets([
  { preset: 'h264-360p', video: h264, audio: 'aac' },
  { preset: 'h264-320p', video: h264, audio: 'aac' },
  {
    preset: 'hevc-2160p',
    video: { codec_name: 'hevc', codec_tag_string: 'hvc1', profile: 'Main 10', pix_fmt: 'yuv420p10le' },
    audio: 'aac',
  },
  {
    preset: 'av1-1080p',
    video: { codec_name: 'av1', codec_tag_string: 'av01', profile: 'Main', pix_fmt: 'yuv420p10le' },
    audio: 'aac',
  },
  { preset: 'webm_720p', video: { codec_name: 'vp9', profile: 'Profile 0', pix_fmt: 'yuv420p' }, audio: 'opus' },
]);
