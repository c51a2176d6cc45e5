import { resolve } from 'node:path';
import type { Command } from 'commander';
import { defaultDataFolder } from '../farm/dataFolders.ts';

interface DataOption {
  readonly data?: string;
}

const dataOption = ['--data <dir>', 'data folder of the coordinator'] as const;

/** Loaded on demand: the list of commands must not wait for it. */
const media = () => import('@reelmill/media');

async function userFolder({ data }: DataOption): Promise<string> {
  return (await media()).userPresetsFolder(data === undefined ? defaultDataFolder() : resolve(data));
}

export function addPresetsCommand(program: Command): void {
  const presets = program
    .command('presets')
    .description('list, check, import and export presets')
    .enablePositionalOptions()
    .option('--json', 'one JSON object a line')
    .option(...dataOption)
    .action(listPresets);
  presets
    .command('check')
    .description('say whether a .reelpreset file is valid, and else which field is wrong')
    .argument('<file>')
    .action(async (file: string) => {
      const { id, name } = await (await media()).readPresetFile(file);
      process.stdout.write(`${id} is valid: ${name}\n`);
    });
  presets
    .command('import')
    .description('keep a .reelpreset file among your presets')
    .argument('<file>')
    .option('--replace', 'replace your preset of the same id')
    .option(...dataOption)
    .action(async (file: string, options: DataOption & { replace?: boolean }) => {
      const { importPreset, readPresetFile } = await media();
      const preset = await readPresetFile(file);
      const folder = await userFolder(options);
      const kept = await importPreset(preset, { folder, replace: options.replace === true });
      process.stdout.write(`${preset.id} is kept in ${kept}\n`);
    });
  presets
    .command('export')
    .description('print a preset as a .reelpreset file')
    .argument('<id>')
    .option(...dataOption)
    .action(async (id: string, options: DataOption) => {
      const { findPreset, formatPresetFile, loadAllPresets } = await media();
      process.stdout.write(formatPresetFile(findPreset(await loadAllPresets(await userFolder(options)), id)));
    });
}

async function listPresets(options: DataOption & { json?: boolean }): Promise<void> {
  const { loadAllPresets, outputFormat } = await media();
  const all = await loadAllPresets(await userFolder(options));
  const width = Math.max(...all.map(({ id }) => id.length));
  for (const preset of all) {
    const { id, name, description } = preset;
    const line = options.json
      ? JSON.stringify({ id, name, description, container: outputFormat(preset) })
      : `${id.padEnd(width)} ${description}`;
    process.stdout.write(`${line}\n`);
  }
}
