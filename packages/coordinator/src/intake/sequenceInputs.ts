import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FoundSequence, findSequences, frameName, isNumberedImage, sequenceName } from '@reelmill/media';
import type { ImageSequence } from '@reelmill/protocol';

export interface SequenceInput {
  readonly images: ImageSequence;
  /** Path of the first frame. */
  readonly firstPath: string;
  /** Path-like: what the output is named after. */
  readonly title: string;
  /** `shot_[0001-0120].png`. */
  readonly name: string;
  readonly frames: number;
  /** Missing numbers, `1047, 1050-1052`; null: none. */
  readonly missing: string | null;
}

/** Parts image files into the sequences they make up, folder by folder, and the rest. */
export function takeSequences(paths: readonly string[]): { sequences: SequenceInput[]; rest: string[] } {
  const byFolder = new Map<string, string[]>();
  for (const path of paths.filter((path) => isNumberedImage(basename(path)))) {
    byFolder.set(dirname(path), [...(byFolder.get(dirname(path)) ?? []), basename(path)]);
  }
  const sequences = [...byFolder].flatMap(([folder, names]) => findSequences(folder, names));
  const taken = new Set<string>();
  for (const { sequence } of sequences) {
    for (const name of byFolder.get(sequence.folder) ?? []) {
      if (holds(sequence, name)) taken.add(join(sequence.folder, name));
    }
  }
  return {
    sequences: sequences.map(inputOf),
    rest: paths.filter((path) => !taken.has(path)),
  };
}

/** The sequence a single frame belongs to, or a pattern (`shot_####.png`, `shot_%04d.png`) names; null: none. */
export async function sequenceAround(path: string): Promise<SequenceInput | null> {
  const folder = dirname(path);
  const pattern = patternOf(basename(path));
  if (pattern === null && !isNumberedImage(basename(path))) return null;
  const names = await readdir(folder).catch(() => []); // whoever reads the path next says why
  const found = findSequences(folder, names).find(({ sequence }) =>
    pattern === null
      ? holds(sequence, basename(path))
      : sequence.prefix === pattern.prefix && sequence.suffix === pattern.suffix && sequence.digits === pattern.digits,
  );
  return found === undefined ? null : inputOf(found);
}

function patternOf(name: string): { prefix: string; digits: number; suffix: string } | null {
  const match = /^(.*?)(?:%0?(\d*)d|(#+))(\.[^.]+)$/.exec(name);
  if (match === null) return null;
  const digits = match[3]?.length ?? Math.max(1, Number(match[2] ?? ''));
  return { prefix: match[1] ?? '', digits, suffix: match[4] ?? '' };
}

function holds(sequence: ImageSequence, name: string): boolean {
  const { prefix, suffix, first, last } = sequence;
  const number = Number(name.slice(prefix.length, name.length - suffix.length));
  return number >= first && number <= last && frameName(sequence, number) === name;
}

/** More ranges than this are only counted. */
const mostRanges = 20;

function gapsText(gaps: FoundSequence['gaps']): string | null {
  if (gaps.length === 0) return null;
  const texts = gaps.slice(0, mostRanges).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return gaps.length > mostRanges ? `${texts.join(', ')} and more` : texts.join(', ');
}

function inputOf({ sequence: images, gaps, frames }: FoundSequence): SequenceInput {
  const stem = images.prefix.replace(/[\s._-]+$/, '') || basename(images.folder);
  return {
    images,
    firstPath: join(images.folder, frameName(images, images.first)),
    title: join(images.folder, `${stem}.sequence`),
    name: sequenceName(images),
    frames,
    missing: gapsText(gaps),
  };
}
