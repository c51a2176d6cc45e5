import { assertNever, type Preset } from '@reelmill/protocol';
import type { ResolvedVideo } from '../manifest.ts';
import type { MediaInfo, VideoTrack } from '../probe/mediaInfo.ts';
import { colorArgs } from './colorArgs.ts';
import { ffv1Pixels } from './ffv1Pixels.ts';
import { displaySize, fitBox, type PictureSize } from './fitPicture.ts';
import { hdr10Args } from './hdr10Args.ts';

export interface VideoDecision {
  readonly video: ResolvedVideo;
  /** `CODE: sentence.` for each thing of the source's picture that does not reach the output as it was. */
  readonly warnings: readonly string[];
}

type Settings<Codec> = Extract<Preset['video'], { codec: Codec }>;

/** The scaler's bytes must not depend on the node's CPU. */
const scaleFlags = 'flags=bicubic+accurate_rnd+bitexact+full_chroma_int';

/** Settles what FFmpeg does to the picture. Pure: same source, same preset, same threads, same answer. */
export function resolveVideo(info: MediaInfo, preset: Preset, threads: number): VideoDecision {
  switch (preset.video.codec) {
    case 'h264':
      return resolveH264(info.video, preset.video, threads);
    case 'prores':
      return resolveProres(info.video, preset.video, threads);
    case 'ffv1':
      return resolveFfv1(info.video, threads);
    default:
      return assertNever(preset.video);
  }
}

function resolveH264(track: VideoTrack, settings: Settings<'h264'>, threads: number): VideoDecision {
  const size = fitBox(displaySize(track), settings.box);
  const interlaced = isInterlaced(track);
  const encoderArgs = [
    ...['-preset', settings.speed, '-profile:v', 'high', '-crf', String(settings.crf)],
    ...['-g', String(settings.keyframeIntervalFrames)],
    ...(interlaced ? ['-flags', '+ilme+ildct'] : []),
    ...hdr10Args(track.hdr10),
  ];
  const video: ResolvedVideo = {
    ...squarePixels(track, size, 'yuv420p'),
    encoder: 'libx264',
    encoderArgs,
    threads,
    chunkContainer: 'mp4',
  };
  return { video, warnings: [...hdrWarnings(track), ...interlacedWarnings(interlaced)] };
}

const proresProfiles = { proxy: '0', lt: '1', standard: '2', hq: '3' } as const;

function resolveProres(track: VideoTrack, settings: Settings<'prores'>, threads: number): VideoDecision {
  const shown = displaySize(track);
  const size = fitBox(shown, settings.box ?? { width: 16_384, height: 16_384 });
  const interlaced = isInterlaced(track);
  const video: ResolvedVideo = {
    ...squarePixels(track, size, 'yuv422p10le'),
    encoder: 'prores_ks',
    encoderArgs: [
      ...['-profile:v', proresProfiles[settings.profile], '-vendor', 'apl0'],
      ...(interlaced ? ['-flags', '+ildct'] : []),
    ],
    threads,
    chunkContainer: 'mov',
  };
  return { video, warnings: interlacedWarnings(interlaced) };
}

function resolveFfv1(track: VideoTrack, threads: number): VideoDecision {
  const pixels = ffv1Pixels(track.pixelFormat, track.colorRange);
  const video: ResolvedVideo = {
    streamIndex: track.index,
    encoder: 'ffv1',
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
  return { video, warnings };
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

type Picture = Omit<ResolvedVideo, 'encoder' | 'encoderArgs' | 'threads' | 'chunkContainer'>;

/** Turned upright, square pixels, the wanted size and pixel format; no filter at all where nothing changes. */
function squarePixels(track: VideoTrack, size: PictureSize, pixelFormat: string): Picture {
  const turned = track.rotationClockwise % 180 !== 0;
  const coded = turned ? { width: track.height, height: track.width } : track;
  const isSame = coded.width === size.width && coded.height === size.height && track.pixelFormat === pixelFormat;
  const fullRange = track.pixelFormat.startsWith('yuvj') || (track.colorRange === 'pc' && isYuv(track.pixelFormat));
  const range = fullRange ? 'pc' : track.colorRange;
  return {
    streamIndex: track.index,
    filters: isSame ? [] : scaleFilters(track, size, { pixelFormat, fullRange }),
    pixelFormat,
    ...size,
    applyRotation: true,
    rotationTag: 0,
    sampleAspectRatio: { num: 1, den: 1 },
    colorArgs: colorArgs(track, isYuv(track.pixelFormat) ? range : 'tv'),
  };
}

function scaleFilters(
  track: VideoTrack,
  size: PictureSize,
  target: { pixelFormat: string; fullRange: boolean },
): string[] {
  const interlaced = isInterlaced(track) ? ':interl=1' : '';
  const range = target.fullRange ? ':in_range=pc:out_range=pc' : '';
  const scale = `scale=w=${size.width}:h=${size.height}:${scaleFlags}${interlaced}${range}`;
  return [scale, 'setsar=1', `format=${target.pixelFormat}`];
}

const isYuv = (pixelFormat: string) => /^(yuv|nv|uyvy|yuyv|p0|gray)/.test(pixelFormat);
const isInterlaced = (track: VideoTrack) => track.fieldOrder !== null && track.fieldOrder !== 'progressive';

function hdrWarnings(track: VideoTrack): string[] {
  const isHdr = track.colorTransfer === 'smpte2084' || track.colorTransfer === 'arib-std-b67';
  return isHdr ? ['HDR_NOT_TONE_MAPPED: the picture is HDR; its tags are kept and it is not tone-mapped.'] : [];
}

function interlacedWarnings(interlaced: boolean): string[] {
  return interlaced ? ['INTERLACED: the picture is interlaced; it stays so and the output is marked.'] : [];
}

function repackedWarning(from: string, to: string): string {
  return `PIXELS_REPACKED: ${from} is stored losslessly as ${to}.`;
}
