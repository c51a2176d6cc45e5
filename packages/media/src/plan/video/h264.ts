import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { hdr10Parameters } from '../hdr10Args.ts';
import { rateArgs } from './rateArgs.ts';
import { resolvePicture } from './resolvePicture.ts';
import { softwareEncoders } from './softwareEncoders.ts';
import type { SettingsOf, VideoDecision } from './videoDecision.ts';

export function resolveH264(track: VideoTrack, settings: SettingsOf<'h264'>, threads: number): VideoDecision {
  const { picture, staysInterlaced, staysHdr, warnings, wholeReason } = resolvePicture(track, settings, {
    pixelFormat: 'yuv420p',
    marksInterlaced: true,
  });
  const hdr10 = hdr10Parameters(staysHdr ? track.hdr10 : null, 'libx264');
  const encoderArgs = [
    ...['-preset', settings.speed, '-profile:v', 'high', ...rateArgs(settings.rate)],
    ...['-g', String(settings.keyframeIntervalFrames)],
    ...(staysInterlaced ? ['-flags', '+ilme+ildct'] : []),
    ...(hdr10.length === 0 ? [] : ['-x264-params', hdr10.join(':')]),
  ];
  return {
    video: { ...picture, encoder: softwareEncoders.h264, encoderArgs, threads, chunkContainer: 'mp4' },
    warnings,
    wholeReason,
  };
}
