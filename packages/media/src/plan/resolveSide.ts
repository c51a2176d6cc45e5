import type { TrackFate } from '@reelmill/protocol';
import { isMatroska } from '../assemble/containers.ts';
import type { Manifest } from '../manifest.ts';
import type { MediaInfo, SoundInfo } from '../probe/mediaInfo.ts';
import type { SubtitleTrack } from '../probe/sourceExtras.ts';
import { heldLabels, holdsTag, holdsTimecode } from './containerLimits.ts';
import type { PlannedSubtitle, SidePlan } from './sidePlan.ts';
import { pictureSubtitles, styledSubtitles, textSubtitles } from './subtitleCodecs.ts';

type Container = Manifest['container'];

export interface SideChoice {
  readonly info: MediaInfo;
  readonly container: Container;
  /** The moment of the source that becomes 0 of the output. */
  readonly zeroSeconds: number;
  /** Length of the output. */
  readonly durationSeconds: number;
  /** Frames per second where they are evenly spaced, else null. */
  readonly steadyRate: number | null;
  /** Stream number of the track of subtitles that is drawn into the picture. */
  readonly burnedSubtitle?: number | undefined;
}

export interface SideDecision {
  readonly side: SidePlan;
  readonly fates: readonly TrackFate[];
}

/** Settles what of the source beside picture and sound reaches the output, and in which form. Pure. */
export function resolveSide(choice: SideChoice): SideDecision {
  const { extras } = choice.info;
  const subtitles = extras.subtitles.map((track, at) =>
    track.index === choice.burnedSubtitle ? burnedSubtitle(track) : resolveSubtitle(track, choice.container, at),
  );
  const covers = resolveCovers(choice);
  const attachments = resolveAttachments(choice);
  const chapters = resolveChapters(choice);
  const timecode = resolveTimecode(choice);
  const tags = resolveTags(choice);
  const { language, title } = heldLabels(extras.videoLabels, choice.container).labels;
  return {
    side: {
      zeroSeconds: choice.zeroSeconds,
      videoLabels: { language, title, dispositions: ['default'] },
      subtitles: subtitles.flatMap(({ planned }) => planned ?? []),
      chapters: chapters.planned,
      attachments: attachments.planned,
      covers: covers.planned,
      timecode: timecode.planned,
      tags: tags.planned,
    },
    fates: [
      ...subtitles.map(({ fate }) => fate),
      ...chapters.fates,
      ...attachments.fates,
      ...covers.fates,
      ...timecode.fates,
      ...extras.data.filter(({ kind }) => kind === 'data').map(dataFate),
      ...tags.fates,
      ...dolbyVisionFates(choice.info),
    ],
  };
}

/** A rendition holds at most so many. */
const mostSubtitles = 64;
const mostAttachments = 128;

const copiedToMatroska = new Set([
  'subrip',
  'srt',
  'ass',
  'ssa',
  'webvtt',
  'hdmv_pgs_subtitle',
  'dvd_subtitle',
  'dvb_subtitle',
]);

/** A player would show it twice. */
const burnedSubtitle = (track: SubtitleTrack): ReturnType<typeof resolveSubtitle> => ({
  planned: null,
  fate: { ...subtitleBase(track), fate: 'converted', note: 'drawn into the picture' },
});

const subtitleBase = ({ index, codec, labels }: SubtitleTrack) =>
  ({ stream: index, kind: 'subtitle', label: labelOf([labels.language, labels.title, codec]) }) as const;

function resolveSubtitle(
  track: SubtitleTrack,
  container: Container,
  at: number,
): { planned: PlannedSubtitle | null; fate: TrackFate } {
  const { labels, lost } = heldLabels(track.labels, container);
  const base = subtitleBase(track);
  if (at >= mostSubtitles) {
    return { planned: null, fate: { ...base, fate: 'dropped', note: 'more subtitle tracks than an output holds' } };
  }
  const encoder = subtitleEncoder(track.codec, container);
  if (encoder === null) {
    const instead = pictureSubtitles.has(track.codec) ? ', which holds text only; Matroska holds them' : '';
    const note = `${track.codec} subtitles cannot be put into ${container}${instead}`;
    return { planned: null, fate: { ...base, fate: 'dropped', note } };
  }
  const planned = { streamIndex: track.index, encoder, labels };
  const withoutLost = lost.length === 0 ? '' : `; ${container} cannot hold its ${lost.join(', ')}`;
  if (encoder !== 'copy') {
    const style = styledSubtitles.has(track.codec)
      ? ', without positions and fonts, lines that overlap follow each other'
      : '';
    return { planned, fate: { ...base, fate: 'converted', note: `text as ${encoder}${style}${withoutLost}` } };
  }
  return { planned, fate: { ...base, fate: lost.length === 0 ? 'kept' : 'converted', note: `copied${withoutLost}` } };
}

function subtitleEncoder(codec: string, container: Container): PlannedSubtitle['encoder'] | null {
  if (container === 'mkv') {
    if (copiedToMatroska.has(codec)) return 'copy';
    return textSubtitles.has(codec) ? 'subrip' : null;
  }
  if (container === 'webm') return null;
  if (codec === 'mov_text') return 'copy';
  return textSubtitles.has(codec) ? 'mov_text' : null;
}

export interface Resolved<Planned> {
  readonly planned: Planned;
  readonly fates: readonly TrackFate[];
}

/** Chapters on the output's clock. Pure. */
export function resolveChapters({
  info,
  zeroSeconds,
  durationSeconds,
}: Pick<SideChoice, 'zeroSeconds' | 'durationSeconds'> & { info: SoundInfo }): Resolved<SidePlan['chapters']> {
  const { chapters } = info.extras;
  if (chapters.length === 0) return { planned: [], fates: [] };
  const planned = chapters
    .map(({ startSeconds, endSeconds, title }) => ({
      startSeconds: milliseconds(Math.max(0, startSeconds - zeroSeconds)),
      endSeconds: milliseconds(Math.min(durationSeconds, endSeconds - zeroSeconds)),
      title,
    }))
    .filter(({ startSeconds, endSeconds }) => endSeconds > startSeconds);
  const outside = chapters.length - planned.length;
  const base = { stream: null, kind: 'chapters' } as const;
  const kept = { ...base, label: `${planned.length} chapters`, fate: 'kept', note: 'times and titles' } as const;
  const lost = {
    ...base,
    label: `${outside} chapters`,
    fate: 'dropped',
    note: 'they lie outside the picture',
  } as const;
  return { planned, fates: [...(planned.length > 0 ? [kept] : []), ...(outside > 0 ? [lost] : [])] };
}

function resolveAttachments({ info, container }: SideChoice): Resolved<SidePlan['attachments']> {
  const { attachments } = info.extras;
  const planned = container === 'mkv' ? attachments.slice(0, mostAttachments) : [];
  const lost = container === 'mkv' ? 'more attachments than an output holds' : `${container} holds no attachments`;
  const fates = attachments.map(({ index, fileName, mimeType }, at): TrackFate => {
    const base = { stream: index, kind: 'attachment', label: `${fileName}, ${mimeType}` } as const;
    const isKept = at < planned.length;
    return { ...base, fate: isKept ? 'kept' : 'dropped', note: isKept ? 'the same bytes' : lost };
  });
  return { planned, fates };
}

const coverExtensions: Readonly<Record<string, 'jpg' | 'png'>> = { mjpeg: 'jpg', png: 'png' };

function resolveCovers({ info, container }: SideChoice): Resolved<SidePlan['covers']> {
  const planned: SidePlan['covers'] = [];
  const fates = info.extras.covers.map(({ index, codec }): TrackFate => {
    const extension = coverExtensions[codec];
    const base = { stream: index, kind: 'cover', label: codec } as const;
    if (extension === undefined || container === 'mov' || container === 'webm') {
      return {
        ...base,
        fate: 'dropped',
        note: `${container} holds no ${extension === undefined ? codec : 'cover'} picture`,
      };
    }
    planned.push({ streamIndex: index, extension });
    return { ...base, fate: 'kept', note: 'the same bytes' };
  });
  return { planned, fates };
}

function resolveTimecode({ info, container, steadyRate }: SideChoice): Resolved<string | null> {
  const { timecode, data } = info.extras;
  if (timecode === null) return { planned: null, fates: [] };
  const isKept = holdsTimecode(timecode, steadyRate, container);
  const stream = data.find(({ kind }) => kind === 'timecode')?.index ?? null;
  const note = isKept
    ? isMatroska(container)
      ? 'as a tag of the picture'
      : 'as a timecode track'
    : 'no timecode track can count the frames of this film';
  const fate: TrackFate = { stream, kind: 'timecode', label: timecode, fate: isKept ? 'kept' : 'dropped', note };
  return { planned: isKept ? timecode : null, fates: [fate] };
}

const dataFate = ({ index, name }: { index: number; name: string }): TrackFate => ({
  stream: index,
  kind: 'data',
  label: name,
  fate: 'dropped',
  note: 'data tracks are not carried over',
});

/** The film's own tags. Pure. */
export function resolveTags({
  info,
  container,
}: {
  info: SoundInfo;
  container: Container;
}): Resolved<SidePlan['tags']> {
  const { tags } = info.extras;
  const held = Object.entries(tags).filter(([key]) => holdsTag(key, container));
  const lost = Object.keys(tags).filter((key) => !holdsTag(key, container));
  const base = { stream: null, kind: 'metadata' } as const;
  const fates: TrackFate[] = [];
  if (held.length > 0)
    fates.push({ ...base, label: held.map(([key]) => key).join(', '), fate: 'kept', note: 'tags of the film' });
  if (lost.length > 0)
    fates.push({ ...base, label: lost.join(', '), fate: 'dropped', note: `${container} has no place for them` });
  return { planned: Object.fromEntries(held), fates };
}

function dolbyVisionFates({ video, extras }: MediaInfo): TrackFate[] {
  if (!extras.hasDolbyVision) return [];
  const note = 'the picture is encoded anew without it';
  return [{ stream: video.index, kind: 'metadata', label: 'Dolby Vision', fate: 'dropped', note }];
}

const labelOf = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(', ');
const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;
