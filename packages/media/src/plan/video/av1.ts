import { assertNever } from '@reelmill/protocol';
import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { resolvePicture } from './resolvePicture.ts';
import { softwareEncoders } from './softwareEncoders.ts';
import type { SettingsOf, VideoDecision } from './videoDecision.ts';

/** SVT-AV1 1.x refuses less. */
const smallest = { width: 64, height: 64 };

export function resolveAv1(track: VideoTrack, settings: SettingsOf<'av1'>, threads: number): VideoDecision {
  const pixelFormat = settings.bitDepth === 10 ? 'yuv420p10le' : 'yuv420p';
  const { picture, warnings, wholeReason } = resolvePicture(track, settings, {
    pixelFormat,
    marksInterlaced: false,
    smallest,
  });
  const encoderArgs = [
    ...['-preset', String(settings.speed), ...av1RateArgs(settings.rate)],
    ...['-g', String(settings.keyframeIntervalFrames), '-svtav1-params', `lp=${threads}`],
  ];
  return {
    video: { ...picture, encoder: softwareEncoders.av1, encoderArgs, threads, chunkContainer: 'mp4' },
    warnings,
    wholeReason,
  };
}

function av1RateArgs(rate: SettingsOf<'av1'>['rate']): string[] {
  switch (rate.mode) {
    case 'constant-quality':
      return ['-crf', String(rate.crf)];
    case 'target-size':
      // the bit rate follows once the length of the film and its sound are known
      return [];
    default:
      return assertNever(rate);
  }
}
