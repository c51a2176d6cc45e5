/**
 * Text as the value of one filter option within a filter graph. FFmpeg reads it twice: as part of the graph, then as
 * part of the filter's options. https://ffmpeg.org/ffmpeg-filters.html#Notes-on-filtergraph-escaping
 */
export function filterValue(text: string): string {
  const inOptions = text.replaceAll(/[\\':]/g, (found) => `\\${found}`);
  return inOptions.replaceAll(/[\\'[\],;]/g, (found) => `\\${found}`);
}
