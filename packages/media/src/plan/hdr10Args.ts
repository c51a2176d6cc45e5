import type { Hdr10 } from '../probe/hdr10.ts';

/**
 * x264's options for the source's HDR10 metadata, in its units: 1/50000 of a coordinate, 1/10000 candela per square
 * metre (ITU-T H.264, D.1.29 and D.1.31).
 */
export function hdr10Args(hdr10: Hdr10 | null): string[] {
  if (hdr10 === null) return [];
  const parameters: string[] = [];
  const display = hdr10.masteringDisplay;
  if (display) {
    const point = ([x, y]: readonly [number, number]) => `(${Math.round(x * 50_000)},${Math.round(y * 50_000)})`;
    const light = [display.maxLuminance, display.minLuminance].map((luminance) => Math.round(luminance * 10_000));
    const { green, blue, red, whitePoint } = display;
    const primaries = `G${point(green)}B${point(blue)}R${point(red)}WP${point(whitePoint)}`;
    parameters.push(`mastering-display=${primaries}L(${light.join(',')})`);
  }
  if (hdr10.lightLevel) parameters.push(`cll=${hdr10.lightLevel.maxContent},${hdr10.lightLevel.maxAverage}`);
  return parameters.length === 0 ? [] : ['-x264-params', parameters.join(':')];
}
