import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { resolvePicture } from './resolvePicture.ts';
import { softwareEncoders } from './softwareEncoders.ts';
import type { SettingsOf, VideoDecision } from './videoDecision.ts';

/** FFmpeg's encoder refuses less. */
const smallest = { width: 256, height: 120 };

export function resolveDnxhr(track: VideoTrack, settings: SettingsOf<'dnxhr'>, threads: number): VideoDecision {
  const { picture, warnings, wholeReason } = resolvePicture(track, settings, {
    pixelFormat: settings.profile === 'hqx' ? 'yuv422p10le' : 'yuv422p',
    marksInterlaced: false,
    videoRangeOnly: true,
    smallest,
  });
  const encoderArgs = ['-profile:v', `dnxhr_${settings.profile}`];
  return {
    video: { ...picture, encoder: softwareEncoders.dnxhr, encoderArgs, threads, chunkContainer: 'mov' },
    warnings,
    wholeReason,
  };
}
