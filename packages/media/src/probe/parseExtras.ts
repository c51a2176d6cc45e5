import type { ProbedChapter, ProbedStream } from './probeAnswer.ts';
import { type DataTrack, keptDispositions, noLabels, type SourceExtras, type TrackLabels } from './sourceExtras.ts';

/** Tags that muxers write about themselves or for a track they no longer belong to. */
const technicalTags =
  /^(major_brand|minor_version|compatible_brands|encoder|handler_name|vendor_id|duration|timecode|bps|number_of_(frames|bytes)|_statistics.*|creation_time_.*|variant_bitrate|service_.*)(-\w+)?$/;
/** `location-eng` beside `location`: the same again. */
const repeatedLocation = /^location-/;
const timecodeForm = /^\d{2}:[0-5]\d:[0-5]\d[:;.,]\d{2,3}$/;
/** Longer ones are no title but somebody's data; kept out of plans, and told. */
const longestTagCharacters = 4_000;

export interface ProbedFile {
  readonly streams: readonly ProbedStream[];
  readonly chapters: readonly ProbedChapter[];
  readonly tags: Readonly<Record<string, string>>;
}

/** Reads what a source has beside its rendered picture (null: none is rendered) and its sound. */
export function parseExtras(file: ProbedFile, video: ProbedStream | null): SourceExtras {
  const { streams } = file;
  const isPicture = (stream: ProbedStream) => stream.codec_type === 'video';
  return {
    videoLabels: video === null ? noLabels : labelsOf(video),
    otherVideo: streams
      .filter((stream) => isPicture(stream) && !isStill(stream) && stream.index !== video?.index)
      .map((stream) => ({ index: stream.index, label: `${stream.width}×${stream.height}, ${stream.codec_name}` })),
    subtitles: streams
      .filter((stream) => stream.codec_type === 'subtitle')
      .map((stream) => ({ index: stream.index, codec: stream.codec_name ?? 'unknown', labels: labelsOf(stream) })),
    chapters: chaptersOf(file.chapters),
    attachments: streams.filter((stream) => stream.codec_type === 'attachment').map(attachmentOf),
    covers: streams
      .filter((stream) => isPicture(stream) && isStill(stream))
      .map((stream) => ({ index: stream.index, codec: stream.codec_name ?? 'unknown' })),
    data: streams
      .filter((stream) => stream.codec_type === 'data')
      .map((stream) => dataTrackOf(stream, file.chapters.length)),
    timecode: timecodeOf([video?.tags ?? {}, file.tags, ...streams.map(({ tags }) => tags)]),
    tags: filmTags(file.tags),
    hasDolbyVision: video?.side_data_list.some((side) => side.side_data_type?.startsWith('DOVI')) ?? false,
  };
}

/** A cover or a thumbnail, no moving picture. */
export const isStill = (stream: ProbedStream): boolean =>
  stream.disposition.attached_pic === 1 || stream.disposition.timed_thumbnails === 1;

/** Language, title and marks of a track. */
export function labelsOf(stream: ProbedStream): TrackLabels {
  const tags = lowerCased(stream.tags);
  const { language } = tags;
  return {
    language: language === undefined || language === 'und' || language === '' ? null : language,
    title: tags.title?.slice(0, longestTagCharacters) || null,
    dispositions: keptDispositions.filter((name) => stream.disposition[name] === 1),
  };
}

function attachmentOf(stream: ProbedStream) {
  const tags = lowerCased(stream.tags);
  return {
    index: stream.index,
    fileName: tags.filename ?? `attachment-${stream.index}`,
    mimeType: tags.mimetype ?? 'application/octet-stream',
  };
}

function dataTrackOf(stream: ProbedStream, chapterCount: number): DataTrack {
  const tag = (stream.codec_tag_string ?? '').replaceAll(/\[\d+\]/g, '').trim();
  const name = tag || (stream.codec_name ?? 'data');
  if (tag === 'tmcd') return { index: stream.index, kind: 'timecode', name };
  if (tag === 'text' && chapterCount > 0) return { index: stream.index, kind: 'chapter-titles', name };
  return { index: stream.index, kind: 'data', name };
}

function chaptersOf(chapters: readonly ProbedChapter[]): SourceExtras['chapters'] {
  return chapters.map(({ start_time, end_time, tags }) => ({
    startSeconds: Number(start_time),
    endSeconds: Number(end_time),
    title: lowerCased(tags).title?.slice(0, longestTagCharacters) ?? null,
  }));
}

function timecodeOf(places: readonly Readonly<Record<string, string>>[]): string | null {
  const found = places.map((tags) => lowerCased(tags).timecode).find((timecode) => timecode !== undefined);
  return found !== undefined && timecodeForm.test(found) ? found : null;
}

function filmTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  const film = Object.entries(lowerCased(tags)).filter(
    ([key, value]) => !technicalTags.test(key) && !repeatedLocation.test(key) && value.length <= longestTagCharacters,
  );
  return Object.fromEntries(film);
}

const lowerCased = (
  tags: Readonly<Record<string, string>>,
): Record<string, string | undefined> & Record<string, string> =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [key.toLowerCase(), value]));
