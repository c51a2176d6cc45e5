import type { OutputContainer } from '@reelmill/protocol';

/** FFmpeg's muxer of each container. */
export const muxers = { mp4: 'mp4', mov: 'mov', mkv: 'matroska', webm: 'webm' } as const;

/** WebM is Matroska with fewer codecs: the same clock of whole milliseconds, no edit lists. */
export const isMatroska = (container: OutputContainer): boolean => container === 'mkv' || container === 'webm';
