import type { ResolvedVideo } from '../../manifest.ts';
import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { colorArgs } from '../colorArgs.ts';
import { ffv1Pixels } from '../ffv1Pixels.ts';
import { softwareEncoders } from './softwareEncoders.ts';
import type { VideoDecision } from './videoDecision.ts';

export function resolveFfv1(track: VideoTrack, threads: number): VideoDecision {
  const pixels = ffv1Pixels(track.pixelFormat, track.colorRange);
  const video: ResolvedVideo = {
    streamIndex: track.index,
    encoder: softwareEncoders.ffv1,
    encoderArgs: ffv1Args(track),
    filters: [...pixels.filters],
    pixelFormat: pixels.pixelFormat,
    width: track.width,
    height: track.height,
    threads,
    chunkContainer: 'mkv',
    applyRotation: false,
    rotationTag: track.mirrored ? 0 : track.rotationClockwise,
    sampleAspectRatio: track.sampleAspectRatio,
    colorArgs: colorArgs(track, pixels.isFullRange ? 'pc' : track.colorRange),
  };
  const warnings = [
    ...(pixels.repacked ? [repackedWarning(track.pixelFormat, pixels.pixelFormat)] : []),
    ...(track.mirrored ? ['MIRROR_DROPPED: the coded pixels are kept; that players mirror them is not.'] : []),
  ];
  return { video, warnings, wholeReason: null };
}

/**
 * FFV1 version 3, each frame on its own, with checksums. Pictures too small for slices: one slice; a single column or
 * row: version 1, because FFmpeg 5 writes garbage for those in version 3 (seen on a 1 by 1 clip).
 */
function ffv1Args({ width, height }: VideoTrack): string[] {
  const shorter = Math.min(width, height);
  if (shorter === 1) return ['-level', '1', '-coder', '1', '-context', '0', '-g', '1'];
  const slices = shorter < 64 ? '1' : '4';
  return ['-level', '3', '-coder', '1', '-context', '0', '-g', '1', '-slicecrc', '1', '-slices', slices];
}

function repackedWarning(from: string, to: string): string {
  return `PIXELS_REPACKED: ${from} is stored losslessly as ${to}.`;
}
