import type { Loudness } from '@reelmill/protocol';
import type { ResolvedAudio } from '../../manifest.ts';
import { dynamicFilter, type LoudnessPass } from './loudnessPass.ts';
import type { LoudnessReport } from './loudnessReport.ts';

/** What an earlier try missed: an encoder's own peaks, a limiter that took loudness away. */
export interface Correction {
  /** Below the asked true peak, dB. */
  readonly headroomDb: number;
  /** Above the asked loudness, LU. */
  readonly extraLu: number;
}

export interface LoudnessStep {
  readonly mode: LoudnessReport['mode'];
  /** After the filters of the plan. */
  readonly filters: readonly string[];
}

/** `loudnorm` limits nothing in sound shorter than its window: there one gain goes as far as peaks allow. */
const limiterSeconds = 3;
/** Lowest limit `loudnorm` takes. */
const lowestPeakDb = -9;

/**
 * How a measured track reaches its target: by one gain where that keeps its peaks below the limit and its range is
 * narrow enough, else by `loudnorm`, which works at 192 kHz and is brought back to the rate and the number of samples
 * planned. `loudnorm`'s own linear mode is that gain too, but refuses tracks of constant loudness. Pure.
 */
export function loudnessFilters(audio: ResolvedAudio, pass: LoudnessPass, correction: Correction): LoudnessStep {
  const { loudness: target } = audio;
  if (target === null || pass.integratedLufs === null) return { mode: 'unchanged', filters: [] };
  const truePeakDb = Math.max(lowestPeakDb, target.truePeakDb - correction.headroomDb);
  const wantedDb = target.integratedLufs - pass.integratedLufs + correction.extraLu;
  const roomDb = pass.truePeakDb === null ? wantedDb : truePeakDb - pass.truePeakDb;
  const isNarrow = target.rangeLu === null || pass.rangeLu <= target.rangeLu;
  const isShort = pass.samples !== null && pass.samples < limiterSeconds * audio.sampleRate;
  if (isShort || (isNarrow && wantedDb <= roomDb))
    return { mode: 'gain', filters: gainFilters(audio, Math.min(wantedDb, roomDb)) };
  return { mode: 'dynamic', filters: dynamicFilters(audio, { target: { ...target, truePeakDb }, pass, correction }) };
}

const gainFilters = (audio: ResolvedAudio, gainDb: number): string[] => [
  `volume=${gainDb.toFixed(2)}dB:precision=double`,
  `aformat=sample_fmts=${sampleFormatOf(audio)}`,
];

interface DynamicChoice {
  readonly target: Loudness;
  readonly pass: LoudnessPass;
  readonly correction: Correction;
}

function dynamicFilters(audio: ResolvedAudio, { target, pass, correction }: DynamicChoice): string[] {
  const length = pass.samples === null ? [] : [`apad=whole_len=${pass.samples}`, `atrim=end_sample=${pass.samples}`];
  return [
    dynamicFilter(target, { pass, extraLu: correction.extraLu }),
    // not `aresample`, whose output FFmpeg 5.1 cannot settle the layout of after `loudnorm` where sound is mono
    `aformat=sample_fmts=${sampleFormatOf(audio)}:sample_rates=${audio.sampleRate}`,
    'asetpts=N/SR/TB',
    ...length,
  ];
}

/** What each encoder of a plan is given: filters compute in floating point, and FFmpeg would choose a format itself. */
function sampleFormatOf({ encoder, encoderArgs }: ResolvedAudio): string {
  if (encoder === 'flac') return encoderArgs.includes('-bits_per_raw_sample') ? 's32' : 's16';
  const formats: Readonly<Record<string, string>> = {
    aac: 'fltp',
    libopus: 'flt',
    pcm_u8: 'u8',
    pcm_s16le: 's16',
    pcm_s24le: 's32',
    pcm_s32le: 's32',
    pcm_f32le: 'flt',
  };
  return formats[encoder] ?? 'dbl';
}
