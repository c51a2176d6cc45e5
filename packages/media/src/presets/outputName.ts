import path from 'node:path';
import { defaultNameTemplate, fillName, type Preset, type StillPreset } from '@reelmill/protocol';

/** What of its submission is in the name of an output. */
export interface OutputNaming {
  readonly template: string;
  readonly counter: number;
  /** Local time, `2026-11-21T18:04:05`. */
  readonly at: string;
}

const defaultNaming: OutputNaming = { template: defaultNameTemplate, counter: 1, at: '' };

/**
 * The name of an output, by default `{source}_{preset}.{ext}` (decision 19), safe on every platform: no separators,
 * no leading dot or dash, NFC, at most 240 bytes. Folders of pictures have no extension.
 */
export function outputName(sourcePath: string, preset: NamedPreset, naming = defaultNaming): string {
  const extension = outputExtension(preset);
  const ending = extension === null ? '' : `.${extension}`;
  const { name: source, dir } = path.parse(sourcePath);
  const { template, counter, at } = naming;
  const facts = { source, preset: preset.id, folder: path.basename(dir), counter, at };
  return `${fillName(template, facts, Buffer.byteLength(ending))}${ending}`;
}

/** What of a preset is in the names of its outputs. */
export type NamedPreset = Pick<Preset, 'id' | 'container'> | StillPreset;

/** Ending of the output's name; null: it is a folder of pictures. */
function outputExtension(preset: NamedPreset): string | null {
  if ('container' in preset) return preset.container;
  switch (preset.kind) {
    case 'thumbnail':
      return 'jpg';
    case 'preview':
      return preset.format;
    case 'sprites':
    case 'frames':
      return null;
  }
}

/** Whether its output is a folder of pictures. */
export const isFolderPreset = (preset: NamedPreset): boolean => outputExtension(preset) === null;

/** Format of the files a preset makes, as an extension. */
export function outputFormat(preset: NamedPreset): string {
  const format = 'format' in preset && preset.format !== 'jpeg' ? preset.format : 'jpg';
  return outputExtension(preset) ?? format;
}
