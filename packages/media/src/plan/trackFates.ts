import { TrackFate } from '@reelmill/protocol';

const dropCodes: Readonly<Record<TrackFate['kind'], string>> = {
  video: 'VIDEO_TRACKS_DROPPED',
  audio: 'AUDIO_TRACKS_DROPPED',
  subtitle: 'SUBTITLES_DROPPED',
  chapters: 'CHAPTERS_DROPPED',
  attachment: 'ATTACHMENTS_DROPPED',
  data: 'DATA_TRACKS_DROPPED',
  timecode: 'TIMECODE_DROPPED',
  metadata: 'METADATA_DROPPED',
  cover: 'COVER_DROPPED',
};

/** One warning, `CODE: sentence.`, for each kind of thing of which something is dropped. */
export function dropWarnings(fates: readonly TrackFate[]): string[] {
  const kinds = TrackFate.shape.kind.options;
  return kinds.flatMap((kind) => {
    const lost = fates.filter((fate) => fate.kind === kind && fate.fate === 'dropped');
    if (lost.length === 0) return [];
    const told = lost.slice(0, mostTold).map((fate) => sentenceOf(fate));
    const more = lost.length > mostTold ? [`and ${lost.length - mostTold} more`] : [];
    return [`${dropCodes[kind]}: ${[...told, ...more].join('; ')}.`];
  });
}

/** A warning stays readable, whatever a file holds; all fates are in the plan. */
const mostTold = 8;
const longestLabel = 120;

const sentenceOf = ({ stream, label, note }: TrackFate): string =>
  `${label.slice(0, longestLabel)}${stream === null ? '' : ` (stream ${stream})`}: ${note}`;
