import { z } from 'zod';

const coordinate = z.number().nonnegative();
const point = z.tuple([coordinate, coordinate]);

/** Static HDR metadata: SMPTE ST 2086 and CTA-861.3. */
export const Hdr10 = z.object({
  /** CIE 1931 x and y; luminance in candela per square metre. */
  masteringDisplay: z
    .object({
      red: point,
      green: point,
      blue: point,
      whitePoint: point,
      minLuminance: coordinate,
      maxLuminance: coordinate,
    })
    .nullable(),
  lightLevel: z.object({ maxContent: z.number().int(), maxAverage: z.number().int() }).nullable(),
});
export type Hdr10 = z.infer<typeof Hdr10>;

type SideData = Readonly<Record<string, unknown>>;

/** Reads FFprobe's side data of a stream or a frame; null without any of it. */
export function hdr10Of(sides: readonly SideData[]): Hdr10 | null {
  const mastering = sides.find(({ side_data_type }) => side_data_type === 'Mastering display metadata');
  const light = sides.find(({ side_data_type }) => side_data_type === 'Content light level metadata');
  const found = {
    masteringDisplay: mastering ? masteringDisplay(mastering) : null,
    lightLevel: light ? { maxContent: Number(light.max_content), maxAverage: Number(light.max_average) } : null,
  };
  const parsed = Hdr10.safeParse(found);
  return parsed.success && (mastering || light) ? parsed.data : null;
}

function masteringDisplay(side: SideData) {
  const at = (name: string) => fraction(side[name]);
  return {
    red: [at('red_x'), at('red_y')],
    green: [at('green_x'), at('green_y')],
    blue: [at('blue_x'), at('blue_y')],
    whitePoint: [at('white_point_x'), at('white_point_y')],
    minLuminance: at('min_luminance'),
    maxLuminance: at('max_luminance'),
  };
}

function fraction(text: unknown): number {
  const [num, den] = String(text).split('/').map(Number);
  return (num ?? Number.NaN) / (den ?? 1);
}
