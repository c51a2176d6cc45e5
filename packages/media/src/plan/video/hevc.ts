import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { hdr10Parameters } from '../hdr10Args.ts';
import { rateArgs } from './rateArgs.ts';
import { resolvePicture } from './resolvePicture.ts';
import type { SettingsOf, VideoDecision } from './videoDecision.ts';

/** One coding tree block of x265. */
const smallest = { width: 16, height: 16 };

export function resolveHevc(track: VideoTrack, settings: SettingsOf<'hevc'>, threads: number): VideoDecision {
  const pixelFormat = settings.bitDepth === 10 ? 'yuv420p10le' : 'yuv420p';
  const { picture, staysHdr, warnings, wholeReason } = resolvePicture(track, settings, {
    pixelFormat,
    marksInterlaced: false,
    smallest,
  });
  const hdr10 = hdr10Parameters(staysHdr ? track.hdr10 : null, 'libx265');
  const encoderArgs = [
    ...['-preset', settings.speed, ...rateArgs(settings.rate), '-g', String(settings.keyframeIntervalFrames)],
    ...['-tag:v', 'hvc1', '-x265-params', [...x265Params(track, threads), ...hdr10].join(':')],
  ];
  return {
    video: { ...picture, encoder: 'libx265', encoderArgs, threads, chunkContainer: 'mp4' },
    warnings,
    wholeReason,
  };
}

/**
 * Threads are pinned, and the note about the CPU that x265 would write into every file is left out: bytes repeat. The
 * rate is named, because the cut hides it from the rate control.
 */
function x265Params(track: VideoTrack, threads: number): string[] {
  const fps = track.averageFrameRate === null ? [] : [`fps=${Math.min(300, track.averageFrameRate).toFixed(3)}`];
  return ['log-level=error', 'info=0', `pools=${threads}`, 'frame-threads=1', ...fps];
}
