import { displaySize, fitBox, type PictureSize } from '../plan/fitPicture.ts';
import { hasAlpha, isFullRange, isHdr, isInterlaced, isYuv } from '../plan/video/pictureFacts.ts';
import { toneMapFilters } from '../plan/video/toneMap.ts';
import type { VideoTrack } from '../probe/mediaInfo.ts';
import type { StillPicture } from './stillManifest.ts';

/** What an image encoder is given. */
export type StillPixels = 'yuvj420p' | 'yuv420p' | 'yuva420p' | 'rgb24' | 'rgba' | 'bgra';

/** How large the picture becomes. */
export type StillSize =
  /** The size people see, as near as whole pixels come. */
  | { readonly kind: 'source' }
  /** Fits the box, given for landscape pictures; never enlarged. */
  | { readonly kind: 'inside'; readonly box: PictureSize }
  /** Exactly this wide, enlarged where it must be; a very tall picture gets narrower. */
  | { readonly kind: 'width'; readonly width: number }
  /** Exactly this size, the picture on black, enlarged where it must be. */
  | { readonly kind: 'exact'; readonly size: PictureSize };

/** The scaler's bytes must not depend on the node's CPU. */
const scaleFlags = 'flags=bicubic+accurate_rnd+bitexact+full_chroma_int';
/** Prints what `showsSomething` judges. */
const measureFilters = ['signalstats', 'metadata=mode=print'];

/**
 * Filters from a decoded, upright frame to a picture: progressive, HDR tone-mapped, square pixels, colours as image
 * formats mean them. Each frame by itself: no picture depends on its neighbours.
 */
export function stillPicture(track: VideoTrack, size: StillSize, pixels: StillPixels): StillPicture {
  const { scaled, output } = arrange(displaySize(track), size);
  const isPadded = scaled.width !== output.width || scaled.height !== output.height;
  const x = 2 * Math.floor((output.width - scaled.width) / 4);
  const y = 2 * Math.floor((output.height - scaled.height) / 4);
  return {
    ...output,
    filters: [
      ...(isInterlaced(track) ? deinterlaceFilters(track) : []),
      ...(isHdr(track) ? toneMappedScale(track, scaled, pixels) : plainScale(track, scaled, pixels)),
      'setsar=1',
      `format=${pixels}`,
      ...(size.kind === 'exact' ? measureFilters : []),
      ...(isPadded ? [`pad=w=${output.width}:h=${output.height}:x=${x}:y=${y}:color=black`] : []),
    ],
  };
}

/** What a user should know of the way from the film's picture to these. */
export function stillWarnings(track: VideoTrack, pixels: StillPixels): string[] {
  return [
    ...(isHdr(track) ? ['HDR_TONE_MAPPED: the picture is HDR; it was converted to BT.709.'] : []),
    ...(isInterlaced(track) ? ['DEINTERLACED: the picture is interlaced; each frame was made progressive.'] : []),
    ...(hasAlpha(track.pixelFormat) && !hasAlpha(pixels)
      ? ['ALPHA_DROPPED: the output format has no transparency.']
      : []),
  ];
}

function arrange(shown: PictureSize, size: StillSize): { scaled: PictureSize; output: PictureSize } {
  const same = (output: PictureSize) => ({ scaled: output, output });
  switch (size.kind) {
    case 'source':
      return same({ width: whole(shown.width), height: whole(shown.height) });
    case 'inside':
      return same(fitBox(shown, size.box));
    case 'width':
      return same(within(shown, { width: size.width, height: 2 * size.width }));
    case 'exact':
      return { scaled: within(shown, size.size), output: size.size };
  }
}

/** The largest picture of that shape in a box, even sizes. */
function within(shown: PictureSize, box: PictureSize): PictureSize {
  const scale = Math.min(box.width / shown.width, box.height / shown.height);
  const side = (exact: number, most: number) => Math.max(2, Math.min(2 * Math.round(exact / 2), most));
  return { width: side(shown.width * scale, box.width), height: side(shown.height * scale, box.height) };
}

const whole = (side: number) => Math.max(1, Math.round(side));

/** Line by line from the frame itself: the frames around it may be far away. It takes planar pictures only. */
function deinterlaceFilters(track: VideoTrack): string[] {
  const isPlanar = track.pixelFormat.startsWith('yuv') && !track.pixelFormat.startsWith('yuyv');
  return [
    ...(isPlanar ? [] : [`scale=${scaleFlags}`, 'format=yuv422p']),
    'estdif=mode=frame:parity=auto:deint=interlaced',
  ];
}

function plainScale(track: VideoTrack, { width, height }: PictureSize, pixels: StillPixels): string[] {
  const range = isFullRange(track) ? ':in_range=pc' : '';
  const matrix = isYuv(track.pixelFormat) ? `:in_color_matrix=${matrixOf(track)}` : '';
  return [`scale=w=${width}:h=${height}:${scaleFlags}${range}${matrix}${target(pixels)}`];
}

function toneMappedScale(track: VideoTrack, { width, height }: PictureSize, pixels: StillPixels): string[] {
  const range = isFullRange(track) ? ':in_range=pc:out_range=pc' : '';
  return [
    `scale=w=${width}:h=${height}:${scaleFlags}${range}`,
    ...toneMapFilters(track),
    'format=yuv444p',
    `scale=${scaleFlags}:in_range=tv:in_color_matrix=bt709${target(pixels)}`,
  ];
}

/** JPEG means BT.601 and full range, WebP BT.601 and video range. */
function target(pixels: StillPixels): string {
  if (pixels === 'yuvj420p') return ':out_range=pc:out_color_matrix=bt601';
  return pixels.startsWith('yuv') ? ':out_range=tv:out_color_matrix=bt601' : '';
}

const matrices: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  fcc: 'fcc',
  bt470bg: 'bt601',
  smpte170m: 'bt601',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
  bt2020c: 'bt2020',
};
/** Untagged pictures from this height on are BT.709, as players take them. */
const highDefinitionLines = 720;

function matrixOf(track: VideoTrack): string {
  const untagged = Math.min(track.width, track.height) >= highDefinitionLines ? 'bt709' : 'bt601';
  return matrices[track.colorSpace ?? ''] ?? untagged;
}
