import { rendersPresets } from '../testing/presetRenders.ts';

const prores = (profile: string, pixels: string) => ({ codec_name: 'prores', profile, pix_fmt: pixels });
const dnxhr = (profile: string, pixels: string) => ({ codec_name: 'dnxhd', profile, pix_fmt: pixels });
const audio = 'pcm_s24le';

// FFmpeg decodes 4444 to 12 bits whatever it was encoded from.
rendersPresets([
  { preset: 'prores-proxy', video: prores('Proxy', 'yuv422p10le'), audio },
  { preset: 'prores-422', video: prores('Standard', 'yuv422p10le'), audio },
  { preset: 'prores-422-hq', video: prores('HQ', 'yuv422p10le'), audio },
  { preset: 'prores-4444', video: prores('4444', 'yuv444p12le'), audio },
  { preset: 'dnxhr-lb', video: dnxhr('DNXHR LB', 'yuv422p'), audio },
  { preset: 'dnxhr-sq', video: dnxhr('DNXHR SQ', 'yuv422p'), audio },
  { preset: 'dnxhr-hq', video: dnxhr('DNXHR HQ', 'yuv422p'), audio },
  { preset: 'dnxhr-hqx', video: dnxhr('DNXHR HQX', 'yuv422p10le'), audio },
]);
