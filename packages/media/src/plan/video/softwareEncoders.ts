import type { VideoSettings } from '@reelmill/protocol';

/** FFmpeg's encoder for each codec, where no hardware is asked for. */
export const softwareEncoders = {
  h264: 'libx264',
  hevc: 'libx265',
  av1: 'libsvtav1',
  vp9: 'libvpx-vp9',
  prores: 'prores_ks',
  dnxhr: 'dnxhd',
  ffv1: 'ffv1',
} as const satisfies Readonly<Record<VideoSettings['codec'], string>>;
