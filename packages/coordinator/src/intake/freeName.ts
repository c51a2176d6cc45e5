import { readdir } from 'node:fs/promises';
import { extname } from 'node:path';

/** Names that some file system takes for the same file are equal here: case and Unicode composition are ignored. */
export const foldName = (name: string): string => name.normalize('NFC').toLowerCase().normalize('NFC');

/** Folded names in a folder; empty when the folder does not exist yet. */
export async function namesIn(folder: string): Promise<Set<string>> {
  try {
    return new Set((await readdir(folder)).map(foldName));
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((cause as { code?: string }).code ?? '')) return new Set();
    throw cause;
  }
}

/**
 * `name`, else `name (2)`, `name (3)` … : the first whose folded form is not taken. The number stands before the
 * extension, which a folder does not have.
 * @param numbers how far earlier calls with the same name had to count: a thousand films of one name are not counted anew each
 */
export function freeName(
  name: string,
  isTaken: (folded: string) => boolean,
  { extension = extname(name), numbers }: { readonly extension?: string; readonly numbers?: Map<string, number> } = {},
): string {
  if (!isTaken(foldName(name))) return name;
  const stem = name.slice(0, name.length - extension.length);
  for (let number = numbers?.get(name) ?? 2; ; number += 1) {
    const candidate = `${stem} (${number})${extension}`;
    if (isTaken(foldName(candidate))) continue;
    numbers?.set(name, number);
    return candidate;
  }
}
