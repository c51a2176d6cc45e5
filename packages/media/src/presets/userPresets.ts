import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type AnyPreset, FarmError } from '@reelmill/protocol';
import { loadPresets } from './loadPresets.ts';
import { formatPresetFile, parsePresetFile } from './parsePreset.ts';

const extension = '.reelpreset';

/** Where a data folder keeps the presets of its user. */
export const userPresetsFolder = (dataDir: string): string => path.join(dataDir, 'presets');

/**
 * The presets that came with the program and those of the user, who cannot replace the former.
 * @throws FarmError PRESET_INVALID naming the file
 */
export async function loadAllPresets(userFolder: string, builtInFolder?: string): Promise<AnyPreset[]> {
  const builtIn = await loadPresets(builtInFolder);
  const taken = new Set<string>(builtIn.map(({ id }) => id));
  const own = await loadUserPresets(userFolder);
  return [...builtIn, ...own.filter(({ id }) => !taken.has(id))];
}

async function loadUserPresets(folder: string): Promise<AnyPreset[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw cause;
  });
  const files = names.filter((name) => name.endsWith(extension)).sort();
  return Promise.all(files.map((name) => readPresetFile(path.join(folder, name))));
}

/** @throws FarmError PRESET_INVALID naming the wrong field, or the file that cannot be read */
export async function readPresetFile(file: string): Promise<AnyPreset> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FarmError('PRESET_INVALID', { message: `The preset ${file} cannot be read.`, cause, details: { file } });
  });
  return parsePresetFile(text, file);
}

/**
 * Keeps a preset in a folder of user presets. A coordinator that runs there knows it from its next start on.
 * @returns the file it is kept in
 * @throws FarmError PRESET_INVALID when the id is that of a built-in preset, or taken and `replace` is not set
 */
export async function importPreset(
  preset: AnyPreset,
  { folder, replace }: { folder: string; replace: boolean },
): Promise<string> {
  if ((await loadPresets()).some(({ id }) => id === preset.id)) throw idTaken(preset.id, 'comes with Reelmill');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${preset.id}${extension}`);
  try {
    await writeFile(file, formatPresetFile(preset), { mode: 0o600, flag: replace ? 'w' : 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw idTaken(preset.id, 'is there already; use --replace');
    throw cause;
  }
  return file;
}

function idTaken(id: string, why: string): FarmError {
  return new FarmError('PRESET_INVALID', {
    message: `The preset is not valid: id: ${id} ${why}.`,
    details: { field: 'id', id },
  });
}
