import { assertNever } from '@reelmill/protocol';
import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { bufferArgs } from './rateArgs.ts';
import { resolvePicture } from './resolvePicture.ts';
import { softwareEncoders } from './softwareEncoders.ts';
import type { SettingsOf, VideoDecision } from './videoDecision.ts';

export function resolveVp9(track: VideoTrack, settings: SettingsOf<'vp9'>, threads: number): VideoDecision {
  const { picture, warnings, wholeReason } = resolvePicture(track, settings, {
    pixelFormat: 'yuv420p',
    marksInterlaced: false,
  });
  const encoderArgs = [
    ...['-deadline', 'good', '-cpu-used', String(settings.speed), '-row-mt', '0', '-tile-columns', '0'],
    ...[...vp9RateArgs(settings.rate), '-g', String(settings.keyframeIntervalFrames)],
  ];
  return {
    video: { ...picture, encoder: softwareEncoders.vp9, encoderArgs, threads, chunkContainer: 'mp4' },
    warnings,
    wholeReason,
  };
}

/** libvpx reads a bit rate next to a quality as its cap, and 0 as none. */
function vp9RateArgs(rate: SettingsOf<'vp9'>['rate']): string[] {
  switch (rate.mode) {
    case 'constant-quality':
      return ['-crf', String(rate.crf), '-b:v', '0'];
    case 'capped-quality':
      return ['-crf', String(rate.crf), '-b:v', String(rate.maxBitrate), ...bufferArgs(rate)];
    case 'bitrate':
      return ['-b:v', String(rate.bitrate), ...constantRate(rate), ...bufferArgs(rate)];
    case 'target-size':
      // the bit rate follows once the length of the film and its sound are known; left to itself libvpx misses it by a tenth
      return ['-undershoot-pct', '0', '-overshoot-pct', '0'];
    default:
      return assertNever(rate);
  }
}

/** Without a lower bound libvpx spends a tenth too much on short chunks. */
function constantRate({ bitrate, maxBitrate }: { bitrate: number; maxBitrate: number }): string[] {
  return maxBitrate === bitrate ? ['-minrate', String(bitrate)] : [];
}
