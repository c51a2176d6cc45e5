import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AnyPreset, FarmError, isTimedPreset, type Preset } from '@reelmill/protocol';
import { resourcesFolder } from '../process/resourcesFolder.ts';
import { parseJson, parsePreset } from './parsePreset.ts';

/**
 * Reads every preset of a folder (default: resources/presets), sorted by id.
 * @throws FarmError PRESET_INVALID naming the file and the field
 */
export async function loadPresets(folder = path.join(resourcesFolder(), 'presets')): Promise<AnyPreset[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return parsePreset(parseJson(await readFile(file, 'utf8'), file), file);
    }),
  );
}

/** As `loadPresets`, only those of films. */
export const loadTimedPresets = async (): Promise<Preset[]> => (await loadPresets()).filter(isTimedPreset);

/** @throws FarmError PRESET_UNKNOWN listing what there is */
export function findPreset<Kind extends AnyPreset>(presets: readonly Kind[], id: string): Kind {
  const found = presets.find((preset) => preset.id === id);
  if (found) return found;
  const known = presets.map((preset) => preset.id);
  throw new FarmError('PRESET_UNKNOWN', {
    message: `There is no preset "${id}"; there are ${known.join(', ')}.`,
    details: { id, known },
  });
}
