import { FarmError, parseFrameRate, StillPreset } from '@reelmill/protocol';

/** Field of a preset that `--set key=value` changes, by kind. */
const fieldsOf: Readonly<Record<StillPreset['kind'], Readonly<Record<string, string>>>> = {
  thumbnail: { quality: 'quality' },
  sprites: { interval: 'intervalSeconds', width: 'tileWidth', columns: 'columns', rows: 'rows', quality: 'quality' },
  preview: { fps: 'frameRate', seconds: 'seconds', size: 'longestSide', quality: 'quality' },
  frames: { fps: 'frameRate', quality: 'quality' },
};

/**
 * A preset of pictures with a job's `--set key=value` settings applied.
 * @throws FarmError PRESET_INVALID for an unknown key or a value out of range
 */
export function applyStillSettings(preset: StillPreset, settings: Readonly<Record<string, string>>): StillPreset {
  return Object.entries(settings).reduce((current, [key, value]) => applySetting(current, key, value), preset);
}

function applySetting(preset: StillPreset, key: string, value: string): StillPreset {
  const fields = fieldsOf[preset.kind];
  const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (field === undefined) {
    throw settingError(preset, `${key}=${value}`, `its settings are ${Object.keys(fields).join(', ')}`);
  }
  const given = key === 'fps' ? (parseFrameRate(value) ?? value) : numberOf(value);
  const changed = StillPreset.safeParse({ ...preset, [field]: given });
  if (changed.success) return changed.data;
  throw settingError(preset, `${key}=${value}`, `${key}: ${changed.error.issues[0]?.message ?? 'not valid'}`);
}

/** Text that is no number stays text, and the schema refuses it. */
const numberOf = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text));

function settingError(preset: StillPreset, setting: string, why: string): FarmError {
  return new FarmError('PRESET_INVALID', {
    message: `The preset ${preset.id} does not take ${setting}: ${why}.`,
    details: { preset: preset.id, setting },
  });
}
