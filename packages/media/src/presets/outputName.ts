import path from 'node:path';
import type { Preset, StillPreset } from '@reelmill/protocol';

/** Bytes of UTF-8 a file name may take on every common file system, less room for ` (99)`. */
const longestNameBytes = 240;
/** Refused by Windows, or control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const unsafeCharacters = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]/g;
const reservedOnWindows = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;

/**
 * The default name of an output, `{source}_{preset}.{ext}` (decision 19), safe on every platform: no separators,
 * no leading dot or dash, NFC, at most 240 bytes. Folders of pictures have no extension.
 */
export function outputName(sourcePath: string, preset: NamedPreset): string {
  const extension = outputExtension(preset);
  const suffix = `_${preset.id}${extension === null ? '' : `.${extension}`}`;
  const plain = path.parse(sourcePath).name.normalize('NFC').replace(unsafeCharacters, '_');
  const stem = plain.replace(/^[.\s-]+/, '').replace(/[.\s]+$/, '');
  const safe = stem === '' || reservedOnWindows.test(stem) ? `video${stem === '' ? '' : `_${stem}`}` : stem;
  return `${clipBytes(safe, longestNameBytes - Buffer.byteLength(suffix))}${suffix}`;
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

function clipBytes(text: string, limitBytes: number): string {
  let clipped = text;
  while (Buffer.byteLength(clipped) > limitBytes) clipped = [...clipped].slice(0, -1).join('');
  return clipped;
}
