import type { Loudness } from '@reelmill/protocol';
import type { MeasuredLoudness } from './loudnessReport.ts';

/** What FFmpeg's `ebur128` and `astats` say about sound that went through them. */
export interface LoudnessPass extends MeasuredLoudness {
  /** Of the relative gate, LUFS. */
  readonly thresholdLufs: number;
  /** Samples per channel. */
  readonly samples: number | null;
}

/** Counts samples and measures, and prints both when the track has ended. */
export const measuringFilters = [
  'astats=measure_perchannel=none:measure_overall=Number_of_samples',
  'ebur128=peak=true:framelog=verbose',
] as const;

/** Gains beyond this are no gains anybody asks for; `loudnorm` takes no more either. */
const furthestDb = 99;
/** The widest range `loudnorm` knows. */
const anyRangeLu = 50;

/** `loudnorm` with what was measured before: a limiter, and a gain that follows the sound. */
export function dynamicFilter(target: Loudness, { pass, extraLu }: { pass: LoudnessPass; extraLu: number }): string {
  const { integratedLufs, truePeakDb, rangeLu } = target;
  const options = [
    `I=${integratedLufs}:TP=${truePeakDb.toFixed(2)}:LRA=${rangeLu ?? anyRangeLu}`,
    `measured_I=${within(pass.integratedLufs ?? -furthestDb, -furthestDb, 0)}`,
    `measured_TP=${within(pass.truePeakDb ?? -furthestDb, -furthestDb, furthestDb)}`,
    `measured_LRA=${within(pass.rangeLu, 0, furthestDb)}`,
    `measured_thresh=${within(pass.thresholdLufs, -furthestDb, 0)}`,
    `offset=${within(extraLu, -furthestDb, furthestDb)}:linear=false`,
  ];
  return `loudnorm=${options.join(':')}`;
}

const within = (value: number, least: number, most: number): string =>
  Math.min(most, Math.max(least, value)).toFixed(2);

/** Below this every block is gated, and FFmpeg prints the gate itself. */
const absoluteGateLufs = -70;

/** Reads the summary of `measuringFilters` in a log; null where there is none. */
export function readLoudnessPass(log: string): LoudnessPass | null {
  const at = log.lastIndexOf('Integrated loudness:');
  if (at < 0) return null;
  const numberAfter = (label: string): number | null => {
    const text = new RegExp(`${label}:\\s+(-?[\\d.]+|-inf|nan)`).exec(log.slice(at))?.[1];
    return text === undefined || !Number.isFinite(Number(text)) ? null : Number(text);
  };
  const integratedLufs = numberAfter('I');
  const samples = /Number of samples: (\d+)/.exec(log)?.[1];
  return {
    integratedLufs: integratedLufs === null || integratedLufs <= absoluteGateLufs ? null : integratedLufs,
    truePeakDb: numberAfter('Peak'),
    rangeLu: numberAfter('LRA') ?? 0,
    thresholdLufs: numberAfter('Threshold') ?? absoluteGateLufs,
    samples: samples === undefined ? null : Number(samples),
  };
}
