import { FarmError, type SubtitleChoice } from '@reelmill/protocol';
import { pictureSubtitles, textSubtitles } from '../plan/subtitleCodecs.ts';
import type { SubtitleTrack } from '../probe/sourceExtras.ts';

const isDrawable = ({ codec }: SubtitleTrack): boolean => textSubtitles.has(codec) || pictureSubtitles.has(codec);

/**
 * The track of the source that is burned in: text before pictures where both are meant.
 * @throws FarmError PRESET_UNSUITABLE where there is none such, with the tracks there are
 */
export function chooseSubtitle(tracks: readonly SubtitleTrack[], choice: SubtitleChoice): SubtitleTrack {
  const found = find(tracks, choice);
  if (found !== undefined && isDrawable(found)) return found;
  const wanted = choice === 'default' ? 'subtitles' : `a subtitle track ${choice}`;
  const why = found === undefined ? '' : ` (FFmpeg cannot draw ${found.codec})`;
  throw new FarmError('PRESET_UNSUITABLE', {
    message: `The preset burns in ${wanted}${why}; the source has ${listOf(tracks)}.`,
    details: { choice, tracks: tracks.map(({ codec, labels }) => ({ codec, language: labels.language })) },
  });
}

function find(tracks: readonly SubtitleTrack[], choice: SubtitleChoice): SubtitleTrack | undefined {
  if (typeof choice === 'number') return tracks[choice - 1];
  const drawable = tracks.filter(isDrawable);
  const meant = choice === 'default' ? drawable : drawable.filter(({ labels }) => labels.language === choice);
  const texts = meant.filter(({ codec }) => textSubtitles.has(codec));
  const preferred = texts.length > 0 ? texts : meant;
  if (choice !== 'default') return preferred[0];
  return preferred.find(({ labels }) => labels.dispositions.includes('default')) ?? preferred[0];
}

function listOf(tracks: readonly SubtitleTrack[]): string {
  if (tracks.length === 0) return 'no subtitles';
  const names = tracks.map(
    ({ codec, labels }, at) => `${at + 1}: ${[codec, labels.language].filter(Boolean).join(' ')}`,
  );
  return `these: ${names.slice(0, 20).join(', ')}`;
}
