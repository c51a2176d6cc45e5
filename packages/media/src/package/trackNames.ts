import type { TrackLabels } from '../probe/sourceExtras.ts';

/**
 * What players show of tracks: title, else language, else `fallback`. They tell tracks apart by it, so no two are the
 * same.
 */
export function trackNames(tracks: readonly TrackLabels[], fallback: string): string[] {
  const titles = tracks.map(({ title, language }) => title ?? languageOf(language) ?? fallback);
  return titles.map((title, track) => (titles.indexOf(title) === track ? title : `${title} ${track + 1}`));
}

/** A BCP 47 tag as players compare it (`eng` becomes `en`); null for what is none. */
export function languageOf(label: string | null): string | null {
  if (label === null || label === 'und') return null;
  try {
    return Intl.getCanonicalLocales(label)[0] ?? null;
  } catch {
    // RangeError: the source wrote something that names no language
    return null;
  }
}
