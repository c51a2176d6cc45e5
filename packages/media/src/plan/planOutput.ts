import { type AnyPreset, BugError, hasPicture, isStillPreset, isTimedPreset } from '@reelmill/protocol';
import { applySettings } from '../presets/applySettings.ts';
import { applyStillSettings } from '../presets/applyStillSettings.ts';
import { planStills } from '../still/planStills.ts';
import type { OutputPlan, PicturePlan } from './outputPlan.ts';
import { type PlanInput, planRendition } from './planRendition.ts';
import { planSource, type ReadSource, type SourceOrder } from './planSource.ts';

/**
 * The plan of one rendition that shows something, a film or pictures. Pure.
 * @throws FarmError as `planRendition` and `planStills` do
 */
export function planPicture({ preset, ...source }: Omit<PlanInput, 'preset'> & { preset: AnyPreset }): PicturePlan {
  if (isStillPreset(preset)) return planStills({ ...source, preset });
  if (!hasPicture(preset)) throw new BugError(`${preset.id} has no picture to plan`);
  return planRendition({ ...source, preset });
}

/**
 * The plans of a job: films and sound as `planSource` does, pictures each by themselves; in the order of the presets.
 * Pure.
 * @throws FarmError as `planSource` and `planStills` do
 */
export function planOutputs(
  source: ReadSource,
  { presets, ...order }: Omit<SourceOrder, 'presets'> & { readonly presets: readonly AnyPreset[] },
): OutputPlan[] {
  const timed = presets.filter(isTimedPreset);
  const planned = timed.length === 0 ? [] : planSource(source, { ...order, presets: timed });
  return presets.flatMap((preset): OutputPlan[] => {
    if (!isStillPreset(preset)) return planned.filter(({ presetId }) => presetId === preset.id);
    if (source.kind === 'sound') throw new BugError('pictures were planned of a source read for its sound');
    return [planStills({ ...order, info: source.info, index: source.index, preset })];
  });
}

/**
 * A preset of any kind with a job's `--set key=value` settings applied.
 * @throws FarmError PRESET_INVALID for an unknown key or a value out of range
 */
export const withSettings = (preset: AnyPreset, settings: Readonly<Record<string, string>>): AnyPreset =>
  isStillPreset(preset) ? applyStillSettings(preset, settings) : applySettings(preset, settings);
