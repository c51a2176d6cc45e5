import { FarmError, type Loudness } from '@reelmill/protocol';
import type { AudioSpec } from '../../manifest.ts';
import { runFfmpeg } from '../../process/runFfmpeg.ts';
import type { RunOptions } from '../../process/tools.ts';
import { listenArgs } from '../audioArgs.ts';
import { type Correction, loudnessFilters } from './loudnessFilters.ts';
import { type LoudnessPass, measuringFilters, readLoudnessPass } from './loudnessPass.ts';
import type { LoudnessReport, MeasuredLoudness } from './loudnessReport.ts';

export interface LoudnessFiles {
  readonly sourcePath: string;
  readonly outputPath: string;
  /** Seconds of the track that are done, over all passes: never stands still, never more than the track. */
  readonly onProgress: (seconds: number) => void;
  /** Encodes with these filters after the plan's. */
  readonly encode: (filters: readonly string[], onSeconds: (seconds: number) => void) => Promise<void>;
}

export interface Normalised {
  readonly report: LoudnessReport;
  readonly warnings: readonly string[];
}

/** EBU R 128 allows so much for programmes that cannot be measured before they are made. */
const toleranceLu = 0.5;
/** A second try is worth its time from here on. */
const worthwhileLu = 0.3;
/** Below the limit by this much after a try that was above it. */
const marginDb = 0.1;
/** By how much encoders that leave things out usually lift peaks that a limiter cut. */
const usualExcessDb = 0.5;
const lossyEncoders = new Set(['aac', 'libopus']);
/** Shares of all work that are behind after the measuring, and after each try. */
const milestones = [0.15, 0.6, 0.85, 0.95, 1] as const;

/**
 * Brings a track to the loudness its plan asks for: measures the source, encodes, measures what was encoded, and tries
 * again where the encoder's own peaks or the limiter missed the mark. The same source gives the same bytes.
 * @throws FarmError DECODE_FAILED where nothing can be measured, and those of `encode`
 */
export async function normaliseLoudness(
  { spec, target }: { readonly spec: AudioSpec; readonly target: Loudness },
  files: LoudnessFiles,
  run: RunOptions,
): Promise<Normalised> {
  const { audio } = spec;
  const progress = (from: number, to: number) => (seconds: number) => {
    const whole = Math.max(audio.durationSeconds, seconds);
    files.onProgress(whole * (from + (to - from) * (whole > 0 ? seconds / whole : 0)));
  };
  const listen = [...audio.filters, ...measuringFilters];
  const source = await measure(listenArgs(spec, files.sourcePath, listen), {
    onSeconds: progress(0, milestones[0]),
    run,
  });
  let correction: Correction = { headroomDb: lossyEncoders.has(audio.encoder) ? usualExcessDb : 0, extraLu: 0 };
  for (let round = 1; ; round += 1) {
    const [from, to] = [milestones[round - 1] ?? 1, milestones[round] ?? 1];
    const half = (from + to) / 2;
    const step = loudnessFilters(audio, source, correction);
    await files.encode(step.filters, progress(from, half));
    const output = await measure(outputArgs(files.outputPath), { onSeconds: progress(half, to), run });
    const next = step.mode === 'unchanged' ? null : corrected(target, output, correction);
    if (next !== null && round < milestones.length - 1) {
      correction = next;
      continue;
    }
    const report = { mode: step.mode, source: plain(source), output: plain(output) };
    return { report, warnings: loudnessWarnings(target, report) };
  }
}

const outputArgs = (path: string): string[] => [
  ...['-loglevel', 'info', '-threads', '1', '-i', `file:${path}`],
  ...['-map', '0:a:0', '-af', measuringFilters.join(','), '-f', 'null', '-'],
];

async function measure(
  args: readonly string[],
  { onSeconds, run }: { onSeconds: (seconds: number) => void; run: RunOptions },
): Promise<LoudnessPass> {
  const { log } = await runFfmpeg(args, run, {
    failureCode: 'DECODE_FAILED',
    onProgress: ({ outTimeSeconds }) => onSeconds(Math.max(0, outTimeSeconds ?? 0)),
  });
  const pass = readLoudnessPass(log);
  if (pass !== null) return pass;
  throw new FarmError('DECODE_FAILED', {
    message: 'The loudness of the track could not be measured.',
    details: { log },
  });
}

/** What a further try would do differently; null: there is nothing to better. */
function corrected(target: Loudness, output: MeasuredLoudness, { headroomDb, extraLu }: Correction): Correction | null {
  const excessDb = (output.truePeakDb ?? target.truePeakDb) - target.truePeakDb;
  const missingLu = target.integratedLufs - (output.integratedLufs ?? target.integratedLufs);
  if (excessDb <= 0 && Math.abs(missingLu) <= worthwhileLu) return null;
  return {
    headroomDb: headroomDb + (excessDb > 0 ? excessDb + marginDb : 0),
    extraLu: extraLu + (Math.abs(missingLu) > worthwhileLu ? missingLu : 0),
  };
}

function loudnessWarnings(target: Loudness, { mode, output }: LoudnessReport): string[] {
  if (mode === 'unchanged') {
    return ['LOUDNESS_UNCHANGED: the sound is silent or too short to be measured; it is as loud as in the source.'];
  }
  const integratedLufs = output.integratedLufs ?? target.integratedLufs;
  const isOff = Math.abs(integratedLufs - target.integratedLufs) > toleranceLu;
  const isHigh = output.truePeakDb !== null && output.truePeakDb > target.truePeakDb;
  if (!isOff && !isHigh) return [];
  const got = `${integratedLufs.toFixed(1)} LUFS with true peaks of ${output.truePeakDb?.toFixed(1)} dBTP`;
  const wanted = `${target.integratedLufs} LUFS below ${target.truePeakDb} dBTP`;
  return [`LOUDNESS_MISSED: the sound became ${got} instead of ${wanted}: its peaks stand too far above the rest.`];
}

const plain = ({ integratedLufs, truePeakDb, rangeLu }: LoudnessPass): MeasuredLoudness => ({
  integratedLufs,
  truePeakDb,
  rangeLu,
});
