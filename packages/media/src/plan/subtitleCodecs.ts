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
/** Those with positions, fonts and colours of their own. */
export const styledSubtitles: ReadonlySet<string> = new Set(['ass', 'ssa']);
