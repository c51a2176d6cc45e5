import type { VideoTrack } from '../../probe/mediaInfo.ts';

export const isYuv = (pixelFormat: string) => /^(yuv|nv|uyvy|yuyv|p0|gray)/.test(pixelFormat);
export const hasAlpha = (pixelFormat: string) => /^(yuva|rgba|bgra|argb|abgr|gbrap|ya8|ya16)/.test(pixelFormat);
export const isInterlaced = (track: VideoTrack) => track.fieldOrder !== null && track.fieldOrder !== 'progressive';
export const isHdr = (track: VideoTrack) =>
  track.colorTransfer === 'smpte2084' || track.colorTransfer === 'arib-std-b67';
export const isFullRange = (track: VideoTrack) =>
  track.pixelFormat.startsWith('yuvj') || (track.colorRange === 'pc' && isYuv(track.pixelFormat));
