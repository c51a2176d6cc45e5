import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { hdr10Parameters } from '../hdr10Args.ts';
import { rateArgs } from './rateArgs.ts';
import { resolvePicture } from './resolvePicture.ts';
import { softwareEncoders } from './softwareEncoders.ts';
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
    ...['-tag:v', 'hvc1', '-x265-params', [...x265Params(rateOf(track, settings), threads), ...hdr10].join(':')],
  ];
  return {
    video: { ...picture, encoder: softwareEncoders.hevc, encoderArgs, threads, chunkContainer: 'mp4' },
    warnings,
    wholeReason,
  };
}

const rateOf = ({ averageFrameRate }: VideoTrack, { frameRate }: SettingsOf<'hevc'>): number | null =>
  frameRate === null ? averageFrameRate : frameRate.num / frameRate.den;

/**
 * Threads are pinned, and the note about the CPU that x265 would write into every file is left out: bytes repeat. The
 * rate is named, because the cut hides it from the rate control.
 */
function x265Params(framesPerSecond: number | null, threads: number): string[] {
  const fps = framesPerSecond === null ? [] : [`fps=${Math.min(300, framesPerSecond).toFixed(3)}`];
  return ['log-level=error', 'info=0', `pools=${threads}`, 'frame-threads=1', ...fps];
}
