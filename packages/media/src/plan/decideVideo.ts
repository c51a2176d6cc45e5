import type { Preset } from '@reelmill/protocol';
import { askedHardware, readToolchainClass } from '../hardware/hardwareClass.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import { pictureSettings } from './pictureSettings.ts';
import { resolveVideo } from './resolveVideo.ts';
import { resolveHardware } from './video/hardwareVideo.ts';
import type { VideoDecision } from './video/videoDecision.ts';

/**
 * What becomes of the picture: by the software encoder of the preset, or, where it asks for hardware, by the encoder
 * that its toolchain class names. Pure.
 * @param preset with the job's settings applied
 * @throws FarmError PRESET_UNSUITABLE, HARDWARE_UNPROVEN
 */
export function decideVideo(
  preset: Preset,
  own: { readonly info: MediaInfo; readonly threads: number | null; readonly toolchainClass: string },
): VideoDecision {
  const video = pictureSettings(preset);
  const asked = askedHardware(video);
  const threads = own.threads ?? preset.threads;
  if (asked === null) return resolveVideo(own.info, video, threads);
  return resolveHardware(own.info.video, asked, { use: readToolchainClass(own.toolchainClass).hardware, threads });
}
