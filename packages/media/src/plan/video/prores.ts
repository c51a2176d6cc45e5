import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { hasAlpha } from './pictureFacts.ts';
import { resolvePicture } from './resolvePicture.ts';
import { softwareEncoders } from './softwareEncoders.ts';
import type { SettingsOf, VideoDecision } from './videoDecision.ts';

const profiles = { proxy: '0', lt: '1', standard: '2', hq: '3', '4444': '4' } as const;

export function resolveProres(track: VideoTrack, settings: SettingsOf<'prores'>, threads: number): VideoDecision {
  const keepsAlpha = settings.profile === '4444' && hasAlpha(track.pixelFormat);
  const { picture, staysInterlaced, warnings, wholeReason } = resolvePicture(track, settings, {
    pixelFormat: settings.profile !== '4444' ? 'yuv422p10le' : keepsAlpha ? 'yuva444p10le' : 'yuv444p10le',
    marksInterlaced: true,
  });
  const encoderArgs = [
    ...['-profile:v', profiles[settings.profile], '-vendor', 'apl0'],
    ...(keepsAlpha ? ['-alpha_bits', '16'] : []),
    ...(staysInterlaced ? ['-flags', '+ildct'] : []),
  ];
  return {
    video: { ...picture, encoder: softwareEncoders.prores, encoderArgs, threads, chunkContainer: 'mov' },
    warnings,
    wholeReason,
  };
}
