import {
  type AudioTrack,
  endSeconds,
  longestSegmentSeconds,
  mediaZeroSeconds,
  type PackageContent,
  type PackagedTrack,
  peakBandwidth,
  type SubtitleTrack,
  type VideoTrack,
} from './packagedTrack.ts';

/**
 * The manifest of ISO/IEC 23009-1, on-demand profile: one file per representation, whose own index names its segments.
 * Renditions of one codec are one adaptation set; players switch between them at segment edges.
 */
export function dashManifest({ videos, audios, subtitles }: Omit<PackageContent, 'appleChapters'>): string {
  const all = [...videos, ...audios];
  const length = Math.max(...all.map(endSeconds));
  const buffer = Math.max(...all.map(longestSegmentSeconds));
  const sets = [...Map.groupBy(videos, ({ codec }) => codec.split('.')[0]).values()];
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" type="static" mediaPresentationDuration="${duration(length)}" minBufferTime="${duration(buffer)}">`,
    `  <Period id="0" duration="${duration(length)}">`,
    ...sets.flatMap(videoSet),
    ...audios.flatMap((audio, at) => audioSet(audio, sets.length + at)),
    ...subtitles.flatMap((track, at) => subtitleSet(track, sets.length + audios.length + at)),
    '  </Period>',
    '</MPD>',
    '',
  ].join('\n');
}

function videoSet(videos: readonly VideoTrack[], id: number): string[] {
  return [
    `    <AdaptationSet id="${id}" contentType="video" mimeType="video/mp4" subsegmentAlignment="true" subsegmentStartsWithSAP="1">`,
    ...videos.flatMap((video) => {
      const { num, den, isExact } = video.frameRate;
      const rate = isExact ? ` frameRate="${den === 1 ? num : `${num}/${den}`}"` : '';
      const size = ` width="${video.width}" height="${video.height}" sar="1:1"`;
      return representation(video, { id: video.rendition, attributes: `${size}${rate}`, inner: [] });
    }),
    '    </AdaptationSet>',
  ];
}

function audioSet(audio: AudioTrack, id: number): string[] {
  const channels = `        <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="${audio.channels}"/>`;
  const attributes = ` audioSamplingRate="${audio.sampleRate}"`;
  return [
    `    <AdaptationSet id="${id}" contentType="audio" mimeType="audio/mp4"${languageOf(audio)} subsegmentAlignment="true" subsegmentStartsWithSAP="1">`,
    `      <Label>${escaped(audio.name)}</Label>`,
    `      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="${audio.isDefault ? 'main' : 'alternate'}"/>`,
    ...representation(audio, { id: audio.fileName.replace(/\.mp4$/, ''), attributes, inner: [channels] }),
    '    </AdaptationSet>',
  ];
}

const languageOf = ({ language }: AudioTrack | SubtitleTrack): string =>
  language === null ? '' : ` lang="${escaped(language)}"`;

/** One file for the whole film, without an index: its times are those of the presentation (ISO/IEC 23009-1, 5.3.9.2). */
function subtitleSet(track: SubtitleTrack, id: number): string[] {
  const role = track.isForced ? 'forced-subtitle' : track.isForDeaf ? 'caption' : 'subtitle';
  const roles = [role, ...(track.isDefault ? ['main'] : [])];
  return [
    `    <AdaptationSet id="${id}" contentType="text" mimeType="text/vtt"${languageOf(track)}>`,
    `      <Label>${escaped(track.name)}</Label>`,
    ...roles.map((value) => `      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="${value}"/>`),
    `      <Representation id="${track.id}" bandwidth="${track.bandwidth}">`,
    `        <BaseURL>${escaped(track.fileName)}</BaseURL>`,
    '      </Representation>',
    '    </AdaptationSet>',
  ];
}

function representation(
  track: PackagedTrack,
  { id, attributes, inner }: { id: string; attributes: string; inner: readonly string[] },
): string[] {
  const { timescale, indexOffset, indexSizeBytes } = track;
  const index = `${indexOffset}-${indexOffset + indexSizeBytes - 1}`;
  return [
    `      <Representation id="${escaped(id)}" codecs="${track.codec}" bandwidth="${peakBandwidth(track)}"${attributes}>`,
    ...inner,
    `        <BaseURL>${escaped(track.fileName)}</BaseURL>`,
    `        <SegmentBase timescale="${timescale}" presentationTimeOffset="${mediaZeroSeconds * timescale}" indexRange="${index}">`,
    `          <Initialization range="0-${indexOffset - 1}"/>`,
    '        </SegmentBase>',
    '      </Representation>',
  ];
}

const duration = (seconds: number): string => `PT${seconds.toFixed(3)}S`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Control characters have no place in XML, not even as entities. */
const escaped = (text: string): string =>
  text.replace(/\p{Cc}/gu, ' ').replace(/[&<>"]/g, (sign) => entities[sign] ?? '');
