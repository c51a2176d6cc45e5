import type { Hdr10 } from '../probe/hdr10.ts';

/** What each encoder calls the two of them. */
const optionNames = {
  libx264: { display: 'mastering-display', light: 'cll' },
  libx265: { display: 'master-display', light: 'max-cll' },
} as const;

/**
 * An encoder's options for the source's HDR10 metadata, in its units: 1/50000 of a coordinate, 1/10000 candela per
 * square metre (ITU-T H.264, D.1.29 and D.1.31; H.265, D.2.28 and D.2.35).
 */
export function hdr10Parameters(hdr10: Hdr10 | null, encoder: keyof typeof optionNames): string[] {
  if (hdr10 === null) return [];
  const parameters: string[] = [];
  const names = optionNames[encoder];
  const display = hdr10.masteringDisplay;
  if (display) {
    const point = ([x, y]: readonly [number, number]) => `(${Math.round(x * 50_000)},${Math.round(y * 50_000)})`;
    const light = [display.maxLuminance, display.minLuminance].map((luminance) => Math.round(luminance * 10_000));
    const { green, blue, red, whitePoint } = display;
    const primaries = `G${point(green)}B${point(blue)}R${point(red)}WP${point(whitePoint)}`;
    parameters.push(`${names.display}=${primaries}L(${light.join(',')})`);
  }
  if (hdr10.lightLevel) parameters.push(`${names.light}=${hdr10.lightLevel.maxContent},${hdr10.lightLevel.maxAverage}`);
  return parameters;
}

/** Whether encoder arguments carry HDR10 metadata. */
export const carriesHdr10 = (encoderArgs: readonly string[]): boolean =>
  encoderArgs.some((argument) => /(^|:)(mastering-display|cll|master-display|max-cll)=/.test(argument));
