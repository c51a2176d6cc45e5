import {
  type AnyPreset,
  BugError,
  type FilmPreset,
  hasPicture,
  isStillPreset,
  type Preset,
  type SourceReport,
} from '@reelmill/protocol';
import { isFilm, type Manifest } from '../manifest.ts';
import type { IndexOptions } from '../probe/indexSource.ts';
import type { MediaInfo, SoundInfo } from '../probe/mediaInfo.ts';
import { readSound, type SoundSource } from '../probe/readSound.ts';
import { readSource } from '../probe/readSource.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { isStillPlan, type OutputPlan } from './outputPlan.ts';
import { type PlanClasses, planLadder } from './planLadder.ts';
import type { PlanOrder } from './planRendition.ts';
import { planSound } from './planSound.ts';
import { soundReport } from './soundReport.ts';
import { type ReportInput, sourceReport } from './sourceReport.ts';

/** What was read of a source: with its frames where a preset wants a picture. */
export type ReadSource =
  | { readonly kind: 'film'; readonly info: MediaInfo; readonly index: SourceIndex }
  | ({ readonly kind: 'sound' } & SoundSource);

/**
 * Reads as much of a source as these presets need.
 * @throws FarmError as `readSource` does, NO_VIDEO only where one of them wants a picture; as `readSound` where none does
 */
export async function readSourceFor(
  presets: readonly AnyPreset[],
  path: string,
  options: IndexOptions & { readonly onHeaders?: (headers: SoundInfo) => void },
): Promise<ReadSource> {
  return presets.some((preset) => isStillPreset(preset) || hasPicture(preset))
    ? { kind: 'film', ...(await readSource(path, options)) }
    : { kind: 'sound', ...(await readSound(path, options)) };
}

export interface SourceOrder extends Omit<PlanOrder, 'preset' | 'toolchainClass'>, PlanClasses {
  /** In the order of the request; ids differ. */
  readonly presets: readonly Preset[];
}

/**
 * The plans of a job, films cut alike, sound alone for itself, in the order of the presets. Pure.
 * @throws FarmError as `planLadder` and `planSound` do
 */
export function planSource(source: ReadSource, { presets, ...order }: SourceOrder): Manifest[] {
  const pictures = presets.filter(hasPicture);
  const films = pictures.length === 0 ? [] : filmPlans(source, { ...order, presets: pictures });
  const { info } = source;
  const audioEndSeconds = source.kind === 'film' ? source.index.audioEndSeconds : source.audioEndSeconds;
  return presets.flatMap((preset) =>
    hasPicture(preset)
      ? films.filter(({ presetId }) => presetId === preset.id)
      : [planSound({ ...order, preset, source: { info, audioEndSeconds } })],
  );
}

function filmPlans(source: ReadSource, order: Omit<SourceOrder, 'presets'> & { readonly presets: FilmPreset[] }) {
  if (source.kind === 'sound') throw new BugError('a picture was planned of a source read for its sound');
  return planLadder({ ...order, info: source.info, index: source.index });
}

/** What such a plan does, for people and machines. Pure. */
export function reportOf(
  source: ReadSource,
  manifest: OutputPlan,
  named: Pick<ReportInput, 'path' | 'preset' | 'toolchainClass'>,
): SourceReport {
  if (!isStillPlan(manifest) && !isFilm(manifest))
    return soundReport({ ...named, stage: 'index', info: source.info, manifest });
  if (source.kind === 'sound') throw new BugError('a film was planned of a source read for its sound');
  return sourceReport({ ...named, info: source.info, index: source.index, manifest });
}
