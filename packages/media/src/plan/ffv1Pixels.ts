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
};

/**
 * `yuvj*` is the same samples under a deprecated name: FFV1 takes the plain name with a range tag; both ranges of the
 * scaler are pinned so that it copies (decision 6).
 */
export function ffv1Pixels(source: string, colorRange: string | null): StoredPixels {
  if (source.startsWith('yuvj')) {
    const pixelFormat = source.replace('yuvj', 'yuv');
    const filters = [`scale=in_range=pc:out_range=pc:${exactScaleFlags}`, `format=${pixelFormat}`];
    return { pixelFormat, filters, isFullRange: true, repacked: false };
  }
  const isFullRange = colorRange === 'pc';
  const pixelFormat = repacking[source];
  if (pixelFormat === undefined) return { pixelFormat: source, filters: [], isFullRange, repacked: false };
  return { pixelFormat, filters: [`scale=${exactScaleFlags}`, `format=${pixelFormat}`], isFullRange, repacked: true };
}
