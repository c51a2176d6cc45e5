import { assertNever, type VideoSettings } from '@reelmill/protocol';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import { resolveAv1 } from './video/av1.ts';
import { resolveDnxhr } from './video/dnxhr.ts';
import { resolveFfv1 } from './video/ffv1.ts';
import { resolveH264 } from './video/h264.ts';
import { resolveHevc } from './video/hevc.ts';
import { resolveProres } from './video/prores.ts';
import type { VideoDecision } from './video/videoDecision.ts';
import { resolveVp9 } from './video/vp9.ts';

/**
 * Settles what FFmpeg does to the picture. Pure: same source, same preset, same threads, same answer.
 * @throws FarmError PRESET_UNSUITABLE
 */
export function resolveVideo({ video: track }: MediaInfo, video: VideoSettings, threads: number): VideoDecision {
  switch (video.codec) {
    case 'h264':
      return resolveH264(track, video, threads);
    case 'hevc':
      return resolveHevc(track, video, threads);
    case 'av1':
      return resolveAv1(track, video, threads);
    case 'vp9':
      return resolveVp9(track, video, threads);
    case 'prores':
      return resolveProres(track, video, threads);
    case 'dnxhr':
      return resolveDnxhr(track, video, threads);
    case 'ffv1':
      return resolveFfv1(track, threads);
    default:
      return assertNever(video);
  }
}
