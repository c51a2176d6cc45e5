import { type EncodeLog, encodeLogParser } from '../encode/encodeLog.ts';
import { pickedFilter } from './extractArgs.ts';

/** How light a picture is, 0 to 255: its mean, and what a tenth of it is darker or lighter than. */
export interface Brightness {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface ExtractLog {
  /** Times of the frames that were picked, in order. */
  readonly shownPts: readonly number[];
  readonly brightness: Brightness;
  /** Complaints from the first picked frame on; before, decoders warm up. */
  readonly errorLines: number;
  readonly encode: EncodeLog;
}

const shownFrame = new RegExp(`^\\[showinfo@${pickedFilter} @ .*\\bn: *\\d+ pts: *(-?\\d+) `);
const measured = /\blavfi\.signalstats\.Y(AVG|LOW|HIGH)=([\d.]+)/;

/** Feed it the lines of stderr; read `log` when the process has ended. */
export function extractLogParser(onShown: (count: number) => void): { add(line: string): void; log(): ExtractLog } {
  const encode = encodeLogParser();
  const shownPts: number[] = [];
  const light = { AVG: 0, LOW: 0, HIGH: 0 };
  let warmUpErrors = 0;
  return {
    add(line) {
      encode.add(line);
      const shown = shownFrame.exec(line);
      if (shown) {
        if (shownPts.length === 0) warmUpErrors = encode.log.errorLines;
        shownPts.push(Number(shown[1]));
        onShown(shownPts.length);
        return;
      }
      const value = measured.exec(line);
      if (value) light[value[1] as keyof typeof light] = Number(value[2]);
    },
    log: () => ({
      shownPts,
      brightness: { mean: light.AVG, low: light.LOW, high: light.HIGH },
      errorLines: encode.log.errorLines - warmUpErrors,
      encode: encode.log,
    }),
  };
}

/** Darker pictures, or ones of a single shade, show nothing. */
const leastMean = 24;
const leastContrast = 24;

/** Neither black nor blank. */
export const showsSomething = (light: Brightness): boolean =>
  light.mean >= leastMean && contrastOf(light) >= leastContrast;

export const contrastOf = ({ low, high }: Brightness): number => high - low;
