import type { OutputContainer } from '@reelmill/protocol';

/** FFmpeg's muxer of each container. */
export const muxers = {
  mp4: 'mp4',
  mov: 'mov',
  mkv: 'matroska',
  webm: 'webm',
  m4a: 'ipod',
  flac: 'flac',
  wav: 'wav',
} as const;

/** FFmpeg's demuxer of each container. */
export const demuxers = {
  ...{ mp4: 'mov', mov: 'mov', mkv: 'matroska', webm: 'matroska' },
  ...{ m4a: 'mov', flac: 'flac', wav: 'wav' },
} as const;

/** WebM is Matroska with fewer codecs: the same clock of whole milliseconds, no edit lists. */
export const isMatroska = (container: OutputContainer): boolean => container === 'mkv' || container === 'webm';

/** Names the muxer; a WAV file that outgrows 4 GiB becomes RF64 (EBU Tech 3306). */
export const muxerArgs = (container: OutputContainer): string[] => [
  ...['-f', muxers[container]],
  ...(container === 'wav' ? ['-rf64', 'auto'] : []),
];
