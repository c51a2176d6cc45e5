import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { FarmError, H264Speed, Preset } from '@reelmill/protocol';
import { resourcesFolder } from '../process/resourcesFolder.ts';

/**
 * Reads every preset of a folder (default: resources/presets), sorted by id.
 * @throws FarmError PRESET_INVALID naming the file
 */
export async function loadPresets(folder = path.join(resourcesFolder(), 'presets')): Promise<Preset[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(names.map((name) => readPreset(path.join(folder, name))));
}

async function readPreset(file: string): Promise<Preset> {
  try {
    return Preset.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new FarmError('PRESET_INVALID', { message: `The preset ${file} is not valid.`, cause, details: { file } });
  }
}

/** @throws FarmError PRESET_UNKNOWN listing what there is */
export function findPreset(presets: readonly Preset[], id: string): Preset {
  const found = presets.find((preset) => preset.id === id);
  if (found) return found;
  const known = presets.map((preset) => preset.id);
  throw new FarmError('PRESET_UNKNOWN', {
    message: `There is no preset "${id}"; there are ${known.join(', ')}.`,
    details: { id, known },
  });
}

/**
 * A preset with a job's `--set key=value` settings applied: `speed` and `crf` of H.264.
 * @throws FarmError PRESET_INVALID for an unknown key or a value out of range
 */
export function applySettings(preset: Preset, settings: Readonly<Record<string, string>>): Preset {
  return Object.entries(settings).reduce((current, [key, value]) => applySetting(current, key, value), preset);
}

function applySetting(preset: Preset, key: string, value: string): Preset {
  if (preset.video.codec !== 'h264') throw settingError(preset, `${key}=${value}`, 'it has no settings');
  switch (key) {
    case 'speed': {
      const speed = H264Speed.safeParse(value);
      if (!speed.success)
        throw settingError(preset, `speed=${value}`, `speed is one of ${H264Speed.options.join(', ')}`);
      return { ...preset, video: { ...preset.video, speed: speed.data } };
    }
    case 'crf': {
      const crf = Number(value);
      if (value.trim() === '' || !(crf >= 0 && crf <= 51)) throw settingError(preset, `crf=${value}`, 'crf is 0 to 51');
      return { ...preset, video: { ...preset.video, crf } };
    }
    default:
      throw settingError(preset, `${key}=${value}`, 'its settings are speed and crf');
  }
}

function settingError(preset: Preset, setting: string, why: string): FarmError {
  return new FarmError('PRESET_INVALID', {
    message: `The preset ${preset.id} does not take ${setting}: ${why}.`,
    details: { preset: preset.id, setting },
  });
}
