import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * The folder `resources` of this installation: REELMILL_RESOURCES where a package moved it, else the nearest one above
 * this file that holds presets.
 */
export function resourcesFolder(): string {
  const fromSettings = process.env.REELMILL_RESOURCES;
  if (fromSettings) return fromSettings;
  let folder = import.meta.dirname;
  for (;;) {
    const candidate = path.join(folder, 'resources');
    if (existsSync(path.join(candidate, 'presets'))) return candidate;
    const parent = path.dirname(folder);
    if (parent === folder) return path.resolve('resources');
    folder = parent;
  }
}
