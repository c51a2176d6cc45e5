import type { TrackFate } from '@reelmill/protocol';
import type { Manifest, ResolvedAudio } from '../manifest.ts';
import type { MediaInfo, SoundInfo } from '../probe/mediaInfo.ts';
import { audioFate } from './mediaFates.ts';
import { resolveChapters, resolveTags } from './resolveSide.ts';
import { noSide, type SidePlan } from './sidePlan.ts';

export interface SoundSideChoice {
  /** With `video` where the source was read for a picture too. */
  readonly info: SoundInfo & { readonly video?: MediaInfo['video'] };
  readonly container: Manifest['container'];
  readonly audio: ResolvedAudio;
}

/** Containers of sound alone that hold chapters (tried with FFmpeg 5.1). */
const withChapters: readonly Manifest['container'][] = ['m4a'];

/** What an output of sound alone carries beside its one track, and what becomes of everything else. Pure. */
export function soundSide(choice: SoundSideChoice): { readonly side: SidePlan; readonly fates: readonly TrackFate[] } {
  const { info, container, audio } = choice;
  const times = { zeroSeconds: audio.startSeconds, durationSeconds: audio.durationSeconds };
  const chapters = resolveChapters({ info, ...times });
  const holdsChapters = withChapters.includes(container);
  const tags = resolveTags({ info, container });
  return {
    side: {
      ...noSide,
      zeroSeconds: audio.startSeconds,
      chapters: holdsChapters ? chapters.planned : [],
      tags: tags.planned,
    },
    fates: [
      ...info.audioTracks.map((track) => trackFate(track, audio)),
      ...droppedFates(choice),
      ...(holdsChapters ? chapters.fates : chapters.fates.map((fate) => dropped(fate, `${container} holds none`))),
      ...tags.fates,
    ],
  };
}

function trackFate(track: SoundInfo['audioTracks'][number], audio: ResolvedAudio): TrackFate {
  const fate = audioFate(track, [audio]);
  return fate.fate === 'dropped' && track.hasSamples ? dropped(fate, 'the output holds one track of sound') : fate;
}

const dropped = (fate: Omit<TrackFate, 'fate' | 'note'>, note: string): TrackFate => ({
  ...fate,
  fate: 'dropped',
  note,
});

function droppedFates({ info }: SoundSideChoice): TrackFate[] {
  const { otherVideo, subtitles, attachments, covers, data } = info.extras;
  const main = info.video === undefined ? [] : [{ index: info.video.index, label: pictureLabel(info.video) }];
  const all = [
    ...[...main, ...otherVideo].map(({ index, label }) => ({ stream: index, kind: 'video' as const, label })),
    ...subtitles.map(({ index, codec }) => ({ stream: index, kind: 'subtitle' as const, label: codec })),
    ...attachments.map(({ index, fileName }) => ({ stream: index, kind: 'attachment' as const, label: fileName })),
    ...covers.map(({ index, codec }) => ({ stream: index, kind: 'cover' as const, label: codec })),
    ...data
      .filter(({ kind }) => kind !== 'chapter-titles')
      .map(({ index, name }) => ({ stream: index, kind: 'data' as const, label: name })),
  ];
  return all.map((one) => dropped(one, 'the output holds sound alone'));
}

const pictureLabel = ({ width, height, codec }: MediaInfo['video']): string => `${width}×${height}, ${codec}`;
