import { FarmError } from '@reelmill/protocol';

/** What FFV1 stores for a decoded pixel format, so that decoding gives the same samples again. */
export interface StoredPixels {
  readonly pixelFormat: string;
  /** Filters that change the label or the packing, never a sample. */
  readonly filters: readonly string[];
  readonly isFullRange: boolean;
  /** Set when the stored layout is another one than the source's. */
  readonly repacked: boolean;
}

const exactScaleFlags = 'flags=accurate_rnd+bitexact+full_chroma_int+full_chroma_inp';

/** Layouts FFV1 lacks → a lossless one it has. */
const repacking: Readonly<Record<string, string>> = {
  rgb24: 'bgr0',
  bgr24: 'bgr0',
  rgb0: 'bgr0',
  argb: 'bgra',
  rgba: 'bgra',
  abgr: 'bgra',
  gbrp: 'bgr0',
  gbrap: 'bgra',
  pal8: 'bgra',
  nv12: 'yuv420p',
  nv21: 'yuv420p',
  yuyv422: 'yuv422p',
  uyvy422: 'yuv422p',
  monob: 'gray',
  monow: 'gray',
  nv16: 'yuv422p',
  nv24: 'yuv444p',
  p010le: 'yuv420p10le',
  p012le: 'yuv420p12le',
  p016le: 'yuv420p16le',
  y210le: 'yuv422p10le',
  yuva422p12le: 'yuva422p16le',
  yuva444p12le: 'yuva444p16le',
  gray14le: 'gray16le',
  rgb48be: 'rgb48le',
  rgba64be: 'rgba64le',
};

const depths = (names: readonly string[], ...bits: readonly number[]) =>
  names.flatMap((name) => bits.map((depth) => `${name}${depth}le`));
/** What the encoder takes as it is (`ffmpeg -h encoder=ffv1`, FFmpeg 5.1). */
const stored = new Set([
  ...['yuv410p', 'yuv411p', 'yuv420p', 'yuv422p', 'yuv440p', 'yuv444p', 'yuva420p', 'yuva422p', 'yuva444p'],
  ...['bgr0', 'bgra', 'gray', 'ya8', 'rgb48le', 'rgba64le', 'yuv440p10le', 'yuv440p12le'],
  ...depths(['yuv420p', 'yuv422p', 'yuv444p'], 9, 10, 12, 14, 16),
  ...depths(['yuva420p', 'yuva422p', 'yuva444p'], 9, 10, 16),
  ...depths(['gray'], 9, 10, 12, 16),
  ...depths(['gbrp'], 9, 10, 12, 14, 16),
  ...depths(['gbrap'], 10, 12, 16),
]);

/**
 * `yuvj*` is the same samples under a deprecated name: FFV1 takes the plain name with a range tag; both ranges of the
 * scaler are pinned so that it copies (decision 6).
 * @throws FarmError UNSUPPORTED_MEDIA for a layout that FFV1 cannot hold
 */
export function ffv1Pixels(source: string, colorRange: string | null): StoredPixels {
  if (source.startsWith('yuvj')) {
    const pixelFormat = known(source.replace('yuvj', 'yuv'));
    const filters = [`scale=in_range=pc:out_range=pc:${exactScaleFlags}`, `format=${pixelFormat}`];
    return { pixelFormat, filters, isFullRange: true, repacked: false };
  }
  const isFullRange = colorRange === 'pc';
  const pixelFormat = repacking[source];
  if (pixelFormat === undefined) return { pixelFormat: known(source), filters: [], isFullRange, repacked: false };
  return { pixelFormat, filters: [`scale=${exactScaleFlags}`, `format=${pixelFormat}`], isFullRange, repacked: true };
}

function known(pixelFormat: string): string {
  if (stored.has(pixelFormat)) return pixelFormat;
  throw new FarmError('UNSUPPORTED_MEDIA', {
    message: `FFV1 cannot hold pictures of the pixel format ${pixelFormat}; choose another preset.`,
    details: { pixelFormat },
  });
}
