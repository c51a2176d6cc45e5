import { basename, dirname, join } from 'node:path';
import { findSequences, frameName, isNumberedImage, sequenceName } from '@reelmill/media';

/** What is picked up at once: a file, or the frames of an image sequence. */
export interface Unit {
  /** Relative path of the file; of a sequence folder and pattern with its first number. */
  readonly key: string;
  /** Shown name. */
  readonly name: string;
  /** Relative paths, the first of them names it in a submission. */
  readonly members: readonly string[];
  readonly frames: Frames | null;
}

export interface Frames {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** The same for every run of one pattern in one folder. */
  readonly pattern: string;
}

/** Parts the files of a watched folder into what is picked up together. Pure. */
export function unitsOf(files: readonly string[]): Unit[] {
  const byFolder = new Map<string, Set<string>>();
  for (const file of files) {
    if (!isNumberedImage(basename(file))) continue;
    const folder = dirname(file);
    const names = byFolder.get(folder);
    if (names === undefined) byFolder.set(folder, new Set([basename(file)]));
    else names.add(basename(file));
  }
  const taken = new Set<string>();
  const units: Unit[] = [];
  for (const [folder, names] of byFolder) {
    for (const { sequence } of findSequences(folder, [...names])) {
      const members: string[] = [];
      for (let number = sequence.first; number <= sequence.last; number += 1) {
        const name = frameName(sequence, number);
        if (names.has(name)) members.push(join(folder, name));
      }
      for (const member of members) taken.add(member);
      const pattern = join(folder, `${sequence.prefix}#${sequence.digits}${sequence.suffix}`);
      const frames = { first: sequence.first, last: sequence.last, count: members.length, pattern };
      units.push({ key: `${pattern}@${sequence.first}`, name: sequenceName(sequence), members, frames });
    }
  }
  for (const file of files) {
    if (!taken.has(file)) units.push({ key: file, name: basename(file), members: [file], frames: null });
  }
  return units;
}
