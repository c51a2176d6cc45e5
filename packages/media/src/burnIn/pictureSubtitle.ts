import { FarmError } from '@reelmill/protocol';
import type { ResolvedVideo } from '../manifest.ts';
import { displaySize, type PictureSize } from '../plan/fitPicture.ts';
import { isFullRange } from '../plan/video/pictureFacts.ts';
import type { VideoTrack } from '../probe/mediaInfo.ts';
import type { SubtitleTrack } from '../probe/sourceExtras.ts';
import type { BurnIn } from './burnIn.ts';

export type PictureSubtitle = NonNullable<BurnIn['pictures']>;

/** What FFmpeg's `overlay` mixes, and in which layout the pictures of the subtitles come to it. */
const overlayFormats: Readonly<Record<string, PictureSubtitle['overlay']>> = {
  yuv420p: { format: 'yuv420', pixelFormat: 'yuva420p' },
  yuv420p10le: { format: 'yuv420p10', pixelFormat: 'yuva420p10le' },
  yuv422p: { format: 'yuv422', pixelFormat: 'yuva422p' },
  yuv422p10le: { format: 'yuv422p10', pixelFormat: 'yuva422p10le' },
};

/** Tags of the output as FFmpeg's scaler names the matrices. */
const matrices: Readonly<Record<string, PictureSubtitle['matrix']>> = {
  bt709: 'bt709',
  fcc: 'fcc',
  bt470bg: 'bt470',
  smpte170m: 'smpte170m',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};

/** The canvas of these covers the picture, whatever it is counted in (ETSI EN 300 743, 5; DVD-Video). */
const coverPicture: ReadonlySet<string> = new Set(['dvd_subtitle', 'dvb_subtitle']);

export interface PictureChoice {
  readonly track: VideoTrack;
  readonly output: Pick<ResolvedVideo, 'width' | 'height' | 'pixelFormat' | 'colorArgs'>;
  /** Moment of the source, on its container's clock, that is 0 of the film. */
  readonly zeroSeconds: number;
  /** Of white, in code values of the picture: 1, less in HDR. */
  readonly white: number;
}

/**
 * How a track of subtitles that are pictures is laid over the picture. Pure.
 * @throws FarmError PRESET_UNSUITABLE where FFmpeg cannot mix them into this layout of pixels
 */
export function resolvePictureSubtitle(
  { index, codec }: SubtitleTrack,
  { track, output, zeroSeconds, white }: PictureChoice,
): PictureSubtitle {
  const overlay = overlayFormats[output.pixelFormat];
  if (overlay === undefined) {
    throw new FarmError('PRESET_UNSUITABLE', {
      message: `Subtitles that are pictures (${codec}) cannot be drawn into ${output.pixelFormat}.`,
      details: { codec, pixelFormat: output.pixelFormat },
    });
  }
  const display = displaySize(track);
  const tagAt = output.colorArgs.indexOf('-colorspace');
  const tag = (tagAt < 0 ? undefined : output.colorArgs[tagAt + 1]) ?? 'unknown';
  return {
    ...{ streamIndex: index, zeroSeconds, overlay, white, tag },
    shape: { coversPicture: coverPicture.has(codec), aspect: display.width / display.height },
    coded: { width: track.width, height: track.height },
    output: { width: output.width, height: output.height },
    // what players assume of untagged pictures
    matrix: matrices[tag] ?? (output.height > 576 ? 'bt709' : 'smpte170m'),
    range: isFullRange(track) && output.colorArgs.includes('pc') ? 'pc' : 'tv',
  };
}

/** Of nearly the same shape: differences are rounding. */
const sameShape = (one: number, other: number): boolean => Math.abs(one / other - 1) < 0.02;

export interface Placement extends PictureSize {
  readonly x: number;
  readonly y: number;
}

/**
 * Where the canvas of a track lies in the output: on all of it, or where their shapes differ as large as fits, in the
 * middle at the bottom, so that no line is cut off. Pure.
 */
export function placeCanvas({ shape, coded, output }: PictureSubtitle, canvas: PictureSize): Placement {
  const isCoded = sameShape(canvas.width / canvas.height, coded.width / coded.height);
  const aspect = shape.coversPicture || isCoded ? shape.aspect : canvas.width / canvas.height;
  if (sameShape(aspect, output.width / output.height)) return { ...output, x: 0, y: 0 };
  const even = (exact: number): number => Math.max(2, 2 * Math.round(exact / 2));
  const width = Math.min(output.width, even(output.height * aspect));
  const height = Math.min(output.height, even(output.width / aspect));
  return { width, height, x: 2 * Math.floor((output.width - width) / 4), y: output.height - height };
}
