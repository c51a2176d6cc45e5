import type { ImageSequence } from '@reelmill/protocol';

/** Fewer numbers in a row are single pictures. */
const leastInARow = 3;
/** More missing numbers than this part two sequences (photos numbered by date are none). */
const longestGap = 1000;
const numberedImage = /^(.*?)(\d{1,20})(\.(?:jpe?g|png|tiff?|exr|dpx))$/i;

export interface FoundSequence {
  readonly sequence: ImageSequence;
  /** Missing numbers between the first and the last, as ranges of first and last missing number. */
  readonly gaps: readonly (readonly [number, number])[];
  readonly frames: number;
}

interface Numbered {
  readonly name: string;
  readonly prefix: string;
  readonly text: string;
  readonly suffix: string;
}

/** Whether a name is one of a numbered image. */
export const isNumberedImage = (name: string): boolean => numberedImage.test(name);

/**
 * Finds the numbered runs among the names of one folder, in order of their names. Zero-padded and unpadded numbers make
 * different runs; a padded run may outgrow its padding (`9999`, `10000`).
 */
export function findSequences(folder: string, names: readonly string[]): FoundSequence[] {
  const found: FoundSequence[] = [];
  for (const [key, members] of groupByPattern(names)) {
    const numbers = [...new Set(members.map(({ text }) => Number(text)))].sort((a, b) => a - b);
    for (const run of splitAtLongGaps(numbers)) if (hasRow(run)) found.push(describe(folder, key, run));
  }
  return found.sort(byName);
}

function splitAtLongGaps(numbers: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run === undefined || before === undefined || number - before > longestGap) runs.push([number]);
    else run.push(number);
  }
  return runs;
}

const hasRow = (numbers: readonly number[]): boolean =>
  numbers.some((number, at) => numbers[at + leastInARow - 1] === number + leastInARow - 1);

/** Names by pattern; the key holds prefix, padding and suffix, apart by a character no name holds. */
function groupByPattern(names: readonly string[]): Map<string, Numbered[]> {
  const numbered = names.flatMap((name) => {
    const match = numberedImage.exec(name);
    return match ? [{ name, prefix: match[1] ?? '', text: match[2] ?? '', suffix: match[3] ?? '' }] : [];
  });
  const paddings = new Map<string, Set<number>>();
  for (const { prefix, text, suffix } of numbered) {
    if (!text.startsWith('0') || text.length === 1) continue;
    const key = `${prefix}/${suffix}`;
    paddings.set(key, (paddings.get(key) ?? new Set()).add(text.length));
  }
  const groups = new Map<string, Numbered[]>();
  for (const one of numbered) {
    const digits = paddingOf(one, paddings.get(`${one.prefix}/${one.suffix}`) ?? new Set());
    const key = `${one.prefix}/${digits}/${one.suffix}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

function paddingOf({ text }: Numbered, paddings: ReadonlySet<number>): number {
  if (paddings.has(text.length)) return text.length;
  const narrower = [...paddings].filter((digits) => digits < text.length);
  return text.startsWith('0') || narrower.length === 0 ? 1 : Math.max(...narrower);
}

function describe(folder: string, key: string, numbers: readonly number[]): FoundSequence {
  const [prefix = '', digits = '1', suffix = ''] = key.split('/');
  const gaps: [number, number][] = [];
  for (const [at, number] of numbers.entries()) {
    const before = numbers[at - 1];
    if (before !== undefined && number > before + 1) gaps.push([before + 1, number - 1]);
  }
  const [first = 0, last = 0] = [numbers[0], numbers.at(-1)];
  const sequence = { folder, prefix, suffix, digits: Number(digits), first, last };
  return { sequence, gaps, frames: numbers.length };
}

const byName = (a: FoundSequence, b: FoundSequence): number =>
  sequenceName(a.sequence) < sequenceName(b.sequence) ? -1 : 1;

/** File name of one frame. */
export const frameName = ({ prefix, digits, suffix }: ImageSequence, number: number): string =>
  `${prefix}${String(number).padStart(digits, '0')}${suffix}`;

/** For people: `shot_[0001-0120].png`. */
export function sequenceName(sequence: ImageSequence): string {
  const padded = (number: number) => String(number).padStart(sequence.digits, '0');
  return `${sequence.prefix}[${padded(sequence.first)}-${padded(sequence.last)}]${sequence.suffix}`;
}

/** For people: `10, 14–16`. */
export const gapsText = (gaps: FoundSequence['gaps']): string =>
  gaps.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`)).join(', ');
