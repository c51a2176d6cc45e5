import { FarmError } from '@reelmill/protocol';
import { hardwareArgs } from '../../hardware/hardwareArgs.ts';
import { bitDepthOf, type HardwareUse, type HardwareVideo } from '../../hardware/hardwareClass.ts';
import { hardwareEncoderNamed } from '../../hardware/hardwareEncoders.ts';
import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { resolvePicture } from './resolvePicture.ts';
import type { VideoDecision } from './videoDecision.ts';

/**
 * Devices refuse small pictures, each its own; this is above the limit of all of them (NVENC 145 by 49 for H.264, VCN
 * of AMD 192 by 128 for HEVC).
 */
const smallest = { width: 256, height: 128 };

/**
 * The picture of a preset that asks for hardware, for the encoder its toolchain class names. Fields are never coded:
 * interlaced pictures become progressive. Video range only, because not every driver marks the full one.
 * @throws FarmError PRESET_UNSUITABLE; HARDWARE_UNPROVEN where the class names no encoder that can do it
 */
export function resolveHardware(
  track: VideoTrack,
  settings: HardwareVideo,
  { use, threads }: { readonly use: HardwareUse | null; readonly threads: number },
): VideoDecision {
  const encoder = use === null ? undefined : hardwareEncoderNamed(use.encoder);
  const args = encoder && hardwareArgs(encoder, { ...settings, bitDepth: bitDepthOf(settings) });
  if (!encoder || !args || encoder.codec !== settings.codec) throw new FarmError('HARDWARE_UNPROVEN');
  const { pixelFormat, encoderArgs, device } = args;
  const input = { pixelFormat, marksInterlaced: false, videoRangeOnly: true, smallest };
  const { picture, warnings, wholeReason } = resolvePicture(track, settings, input);
  return {
    video: {
      ...picture,
      encoder: encoder.name,
      encoderArgs: [...encoderArgs],
      threads,
      chunkContainer: 'mp4',
      device,
    },
    warnings,
    wholeReason,
  };
}
