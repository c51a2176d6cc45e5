import { FarmError, type SubtitleChoice } from '@reelmill/protocol';
import { textSubtitles } from '../plan/subtitleCodecs.ts';
import type { SubtitleTrack } from '../probe/sourceExtras.ts';

/**
 * The text track of the source that is burned in.
 * @throws FarmError PRESET_UNSUITABLE where there is none such, with the tracks there are
 */
export function chooseSubtitle(tracks: readonly SubtitleTrack[], choice: SubtitleChoice): SubtitleTrack {
  const found = find(tracks, choice);
  if (found !== undefined && textSubtitles.has(found.codec)) return found;
  const wanted = choice === 'default' ? 'text subtitles' : `a text subtitle track ${choice}`;
  const why = found === undefined ? '' : ` (${found.codec} subtitles are pictures)`;
  throw new FarmError('PRESET_UNSUITABLE', {
    message: `The preset burns in ${wanted}${why}; the source has ${listOf(tracks)}.`,
    details: { choice, tracks: tracks.map(({ codec, labels }) => ({ codec, language: labels.language })) },
  });
}

function find(tracks: readonly SubtitleTrack[], choice: SubtitleChoice): SubtitleTrack | undefined {
  if (typeof choice === 'number') return tracks[choice - 1];
  const texts = tracks.filter(({ codec }) => textSubtitles.has(codec));
  if (choice === 'default') return texts.find(({ labels }) => labels.dispositions.includes('default')) ?? texts[0];
  return texts.find(({ labels }) => labels.language === choice);
}

function listOf(tracks: readonly SubtitleTrack[]): string {
  if (tracks.length === 0) return 'no subtitles';
  const names = tracks.map(
    ({ codec, labels }, at) => `${at + 1}: ${[codec, labels.language].filter(Boolean).join(' ')}`,
  );
  return `these: ${names.slice(0, 20).join(', ')}`;
}
