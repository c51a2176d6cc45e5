import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const prefix = '--input=';

/**
 * Files and folders named on a command line of the app: `--input=PATH` (what `npm start -- PATH` passes), and plain
 * paths where the app is packed (what a file manager passes). Switches of Electron itself are skipped.
 */
export function inputsOf(args: readonly string[], options: { folder: string; packed: boolean }): string[] {
  const named = args.filter((text) => text.startsWith(prefix)).map((text) => text.slice(prefix.length));
  const plain = options.packed ? args.slice(1).filter((text) => !text.startsWith('-')) : [];
  return [...named, ...plain].map((path) => resolve(options.folder, path)).filter((path) => existsSync(path));
}
