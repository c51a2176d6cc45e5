import { FarmTaskKind, KindCaps, mostTags, parseByteSize, Tag } from '@reelmill/protocol';
import { InvalidArgumentError } from 'commander';

const gibibyte = 1024 ** 3;

/** A whole number from 1. @throws InvalidArgumentError */
export const positiveInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
};

/** Any number above 0. @throws InvalidArgumentError */
export const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

/** `12GB`. @throws InvalidArgumentError */
export const byteSize = (text: string): number => {
  const bytes = parseByteSize(text);
  if (bytes === null || bytes < gibibyte / 4) throw new InvalidArgumentError('It must be a size from 256MiB, as 12GB.');
  return bytes;
};

/** `--tag`, repeatable. @throws InvalidArgumentError */
export const oneMoreTag = (text: string, before: readonly Tag[]): readonly Tag[] => {
  const tag = Tag.safeParse(text);
  if (!tag.success) throw new InvalidArgumentError('A tag is up to 40 letters, digits, dots, dashes and underscores.');
  if (before.length >= mostTags) throw new InvalidArgumentError(`A node has at most ${mostTags} tags.`);
  return [...new Set([...before, tag.data])];
};

/** The kinds of tasks a node takes, and how many of a kind at once. */
export interface KindRules {
  readonly kinds: readonly FarmTaskKind[];
  readonly kindCaps: KindCaps;
}

/** `encode:4,audio`. @throws InvalidArgumentError */
export const taskKinds = (text: string): KindRules => {
  const parts = text.split(',').map((part) => part.trim().split(':'));
  const kinds = FarmTaskKind.array().safeParse(parts.map(([kind]) => kind));
  const kindCaps = KindCaps.safeParse(
    Object.fromEntries(parts.flatMap(([kind, cap]) => (cap === undefined ? [] : [[kind, Number(cap)]]))),
  );
  const isWhole = parts.every(({ length }) => length <= 2);
  const isOnce = new Set(parts.map(([kind]) => kind)).size === parts.length;
  if (kinds.success && kindCaps.success && isWhole && isOnce) return { kinds: kinds.data, kindCaps: kindCaps.data };
  const message = `It must be some of ${FarmTaskKind.options.join(', ')}, each with the most at once if wanted: encode:4,audio.`;
  throw new InvalidArgumentError(message);
};

/** `2GB`, or 0. @throws InvalidArgumentError */
export const freeSize = (text: string): number => {
  const bytes = parseByteSize(text);
  if (bytes === null) throw new InvalidArgumentError('It must be a size, as 2GB, or 0.');
  return bytes;
};
