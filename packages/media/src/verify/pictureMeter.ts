/** How near one picture is to another. */
export interface PictureQuality {
  /** Structural similarity of all planes; 1: identical. */
  readonly ssim: number;
  /** dB; infinite where they are identical. */
  readonly psnr: number;
}

/** A stream that ends earlier leaves the other's pictures without a partner. */
const once = 'eof_action=pass:repeatlast=0';

/** Filters that compare `[made]` with `[wanted]`, picture by picture, and print what `pictureMeter` reads; they end in `[out]`. */
export const meterFilters = [
  '[wanted]split=2[reference][again]',
  `[made][reference]ssim=${once}[measured]`,
  `[measured][again]psnr=${once},metadata=mode=print:file=-[out]`,
] as const;

/** Reads lines of `meterFilters`; what had no partner has NaN. */
export function pictureMeter(): { readonly add: (line: string) => void; readonly pictures: readonly PictureQuality[] } {
  const pictures: { ssim: number; psnr: number }[] = [];
  return {
    pictures,
    add(line) {
      if (line.startsWith('frame:')) pictures.push({ ssim: Number.NaN, psnr: Number.NaN });
      const picture = pictures.at(-1);
      if (picture === undefined) return;
      const [key, value] = line.split('=');
      if (key === 'lavfi.ssim.All') picture.ssim = Number(value);
      if (key === 'lavfi.psnr.psnr_avg') picture.psnr = value === 'inf' ? Number.POSITIVE_INFINITY : Number(value);
    },
  };
}
