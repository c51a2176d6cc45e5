import type { ResolvedVideo } from '../manifest.ts';

/** Samples per pixel, all planes together, by how FFmpeg names pixel formats. */
const samplesPerPixel: readonly (readonly [RegExp, number])[] = [
  [/^(gray|mono|pal8)/, 1],
  [/^yuva4[24]0/, 2.5],
  [/^yuva422/, 3],
  [/^(yuva444|rgba|bgra|argb|abgr|gbrap)/, 4],
  [/^(yuv(j)?422|nv16|nv20|yuyv422|uyvy422|p210)/, 2],
  [/^(yuv(j)?444|gbr|rgb|bgr|nv24|0rgb|xyz)/, 3],
  [/^(yuv(j)?4(11|20|10)|nv12|nv21|p010)/, 1.5],
];
/** Of formats this table does not know: it errs upwards. */
const unknownSamples = 4;

/** FFmpeg names the byte order exactly of formats whose samples have several bytes. */
const sampleBytesOf = (pixelFormat: string): number =>
  /f32(le|be)$/.test(pixelFormat) ? 4 : /(le|be)$/.test(pixelFormat) ? 2 : 1;

/** Bytes of one decoded picture. */
export function pictureBytes({
  width,
  height,
  pixelFormat,
}: Pick<ResolvedVideo, 'width' | 'height' | 'pixelFormat'>): number {
  const samples = samplesPerPixel.find(([pattern]) => pattern.test(pixelFormat))?.[1] ?? unknownSamples;
  return width * height * samples * sampleBytesOf(pixelFormat);
}
