import {
  type AudioTrack,
  averageBandwidth,
  longestSegmentSeconds,
  type PackageContent,
  type PackagedTrack,
  peakBandwidth,
  type SubtitleTrack,
  type VideoTrack,
} from './packagedTrack.ts';

/** Byte ranges of MP4 fragments and independent segments: version 7 (RFC 8216, 7). */
const version = '#EXT-X-VERSION:7';
const audioGroup = 'sound';
const subtitleGroup = 'text';

export const playlistName = ({ fileName }: Pick<PackagedTrack, 'fileName'>): string =>
  fileName.replace(/\.mp4$/, '.m3u8');

/** The playlist of one track: its segments are ranges of bytes of one file. */
export function mediaPlaylist(track: PackagedTrack): string {
  const { fileName, indexOffset, segments, timescale } = track;
  return lines([
    '#EXTM3U',
    version,
    `#EXT-X-TARGETDURATION:${Math.round(longestSegmentSeconds(track))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${fileName}",BYTERANGE="${indexOffset}@0"`,
    ...segments.flatMap(({ offset, sizeBytes, durationTicks }) => [
      `#EXTINF:${(durationTicks / timescale).toFixed(6)},`,
      `#EXT-X-BYTERANGE:${sizeBytes}@${offset}`,
      fileName,
    ]),
    '#EXT-X-ENDLIST',
  ]);
}

/** The playlist of a track of subtitles: its segments are whole files of WebVTT within one file. */
export function subtitlePlaylist({ segmentsFileName, segments }: SubtitleTrack): string {
  const longest = Math.max(...segments.map(({ durationSeconds }) => durationSeconds));
  return lines([
    '#EXTM3U',
    version,
    `#EXT-X-TARGETDURATION:${Math.round(longest)}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...segments.flatMap(({ offset, sizeBytes, durationSeconds }) => [
      `#EXTINF:${durationSeconds.toFixed(6)},`,
      `#EXT-X-BYTERANGE:${sizeBytes}@${offset}`,
      segmentsFileName,
    ]),
    '#EXT-X-ENDLIST',
  ]);
}

/** The playlist that players are given: all renditions, and the sound and the subtitles they share. */
export function multivariantPlaylist({ videos, audios, subtitles, appleChapters }: PackageContent): string {
  return lines([
    '#EXTM3U',
    version,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(appleChapters === null ? [] : [chaptersLine(appleChapters)]),
    ...audios.map(audioLine),
    ...subtitles.map(subtitleLine),
    ...videos.flatMap((video) => [variantLine(video, { audios, subtitles }), playlistName(video)]),
  ]);
}

/** Apple's players and Shaka Player read it (RFC 8216, 4.3.4.4). */
const chaptersLine = (fileName: string): string =>
  `#EXT-X-SESSION-DATA:DATA-ID="com.apple.hls.chapters",URI="${fileName}"`;

function audioLine(audio: AudioTrack): string {
  return `#EXT-X-MEDIA:${attributes([
    ['TYPE', 'AUDIO'],
    ['GROUP-ID', quoted(audioGroup)],
    ['NAME', quoted(audio.name)],
    ...(audio.language === null ? [] : [['LANGUAGE', quoted(audio.language)] as const]),
    ['DEFAULT', audio.isDefault ? 'YES' : 'NO'],
    ['AUTOSELECT', 'YES'],
    ['CHANNELS', quoted(String(audio.channels))],
    ['URI', quoted(playlistName(audio))],
  ])}`;
}

/** What tells of captions for the deaf (Apple's HLS authoring specification, "Subtitles"). */
const forDeaf = 'public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound';

function subtitleLine({ id, name, language, isDefault, isForced, isForDeaf }: SubtitleTrack): string {
  return `#EXT-X-MEDIA:${attributes([
    ['TYPE', 'SUBTITLES'],
    ['GROUP-ID', quoted(subtitleGroup)],
    ['NAME', quoted(name)],
    ...(language === null ? [] : [['LANGUAGE', quoted(language)] as const]),
    ['DEFAULT', isDefault ? 'YES' : 'NO'],
    ['AUTOSELECT', 'YES'],
    ['FORCED', isForced ? 'YES' : 'NO'],
    ...(isForDeaf ? [['CHARACTERISTICS', quoted(forDeaf)] as const] : []),
    ['URI', quoted(`${id}.m3u8`)],
  ])}`;
}

function variantLine(video: VideoTrack, { audios, subtitles }: Pick<PackageContent, 'audios' | 'subtitles'>): string {
  const most = (bandwidth: (track: PackagedTrack) => number) => Math.max(0, ...audios.map(bandwidth));
  const codecs = [...new Set([video.codec, ...audios.map(({ codec }) => codec)])];
  const { num, den } = video.frameRate;
  return `#EXT-X-STREAM-INF:${attributes([
    ['BANDWIDTH', String(peakBandwidth(video) + most(peakBandwidth))],
    ['AVERAGE-BANDWIDTH', String(averageBandwidth(video) + most(averageBandwidth))],
    ['CODECS', quoted(codecs.join(','))],
    ['RESOLUTION', `${video.width}x${video.height}`],
    ['FRAME-RATE', (num / den).toFixed(3)],
    ['VIDEO-RANGE', video.range],
    ...(audios.length === 0 ? [] : [['AUDIO', quoted(audioGroup)] as const]),
    ...(subtitles.length === 0 ? [] : [['SUBTITLES', quoted(subtitleGroup)] as const]),
  ])}`;
}

const attributes = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${name}=${value}`).join(',');

/** A quoted string has neither quotes nor line breaks in it (RFC 8216, 4.2). */
const quoted = (text: string): string => `"${text.replace(/["\r\n]/g, ' ')}"`;

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
