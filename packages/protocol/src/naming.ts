/** What a name of an output may be put together from. */
export const nameTokens = ['source', 'preset', 'date', 'time', 'counter', 'folder'] as const;
export type NameToken = (typeof nameTokens)[number];

export const defaultNameTemplate = '{source}_{preset}';
export const longestNameTemplate = 200;

/** All that a name is settled from when its job is accepted. */
export interface NameFacts {
  /** Name of the source without its extension. */
  readonly source: string;
  readonly preset: string;
  /** Name of the folder the source is in. */
  readonly folder: string;
  /** Place among the jobs of one submission, from 1. */
  readonly counter: number;
  /** Local time of the submission, `2026-11-21T18:04:05`. */
  readonly at: string;
}

/** Bytes of UTF-8 a file name may take on every common file system, less room for ` (99)`. */
const longestNameBytes = 240;
/** Refused by Windows, or control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
const unsafeCharacters = /[\u0000-\u001f\u007f-\u009f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]/g;
const reservedOnWindows = /^(con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;

/** Of UTF-8; a lone surrogate is written as the three bytes of its replacement. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** A name that every platform takes: no separators, no leading dot or dash, NFC, never empty. */
export function safeName(text: string): string {
  const plain = text.normalize('NFC').replace(unsafeCharacters, '_');
  const stem = plain.replace(/^[.\s-]+/, '').replace(/[.\s]+$/, '');
  if (stem !== '' && !reservedOnWindows.test(stem)) return stem;
  return `video${stem === '' ? '' : `_${stem}`}`;
}

const fill = (template: string, values: Readonly<Record<NameToken, string>>): string =>
  template.replace(/\{(\w+)\}/g, (_, token: NameToken) => values[token]);

/**
 * The name a template makes, without extension, safe on every platform and at most 240 bytes with its ending; a source
 * too long for that is cut. The template is one that `nameTemplateFault` finds nothing in.
 * @param endingBytes what is added behind it
 */
export function fillName(template: string, facts: NameFacts, endingBytes = 0): string {
  const values = {
    preset: facts.preset,
    folder: safeName(facts.folder),
    counter: String(facts.counter).padStart(3, '0'),
    date: facts.at.slice(0, 10),
    time: facts.at.slice(11, 19).replaceAll(':', ''),
  };
  const limit = longestNameBytes - endingBytes;
  const sources = Math.max(1, template.split('{source}').length - 1);
  const room = limit - bytesOf(fill(template, { ...values, source: '' }));
  const source = clipBytes(safeName(facts.source), Math.max(1, Math.floor(room / sources)));
  return clipBytes(safeName(fill(template, { ...values, source })), limit);
}

/** What is wrong with a template, as a sentence; null: nothing. */
export function nameTemplateFault(template: string): string | null {
  if (template.trim() === '') return 'A name needs at least one character.';
  if (template.length > longestNameTemplate) return `A name has at most ${longestNameTemplate} characters.`;
  const known = nameTokens.map((token) => `{${token}}`).join(' ');
  for (const [text] of template.matchAll(/\{[^{}]*\}/g)) {
    if (!nameTokens.some((token) => text === `{${token}}`)) return `${text} is no token; there are ${known}.`;
  }
  const rest = template.replace(/\{\w+\}/g, '');
  if (/[{}]/.test(rest)) return `A brace without its partner; tokens are ${known}.`;
  const [unsafe] = rest.match(unsafeCharacters) ?? [];
  return unsafe === undefined ? null : `${JSON.stringify(unsafe)} cannot be in a file name.`;
}

function clipBytes(text: string, limitBytes: number): string {
  let clipped = text;
  while (bytesOf(clipped) > limitBytes) clipped = [...clipped].slice(0, -1).join('');
  return clipped;
}
