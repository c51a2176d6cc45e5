/** Subtitles made of text, by FFmpeg's names. */
export const textSubtitles: ReadonlySet<string> = new Set([
  'mov_text',
  'subrip',
  'srt',
  'ass',
  'ssa',
  'webvtt',
  'text',
]);
/** Subtitles that are pictures, which FFmpeg decodes and Matroska holds. */
export const pictureSubtitles: ReadonlySet<string> = new Set(['hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle']);
/** Those with positions, fonts and colours of their own. */
export const styledSubtitles: ReadonlySet<string> = new Set(['ass', 'ssa']);
