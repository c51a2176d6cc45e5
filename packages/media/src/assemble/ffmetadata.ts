import type { SidePlan } from '../plan/sidePlan.ts';

/**
 * Tags and chapters of an output as FFmpeg's metadata file (FFmpeg "Metadata"); null where there are none.
 * Times in milliseconds, as finely as a chapter list of mp4 and mov counts them.
 */
export function ffmetadata({ tags, chapters }: Pick<SidePlan, 'tags' | 'chapters'>): string | null {
  if (Object.keys(tags).length === 0 && chapters.length === 0) return null;
  const lines = [';FFMETADATA1', ...Object.entries(tags).map(([key, value]) => `${escaped(key)}=${escaped(value)}`)];
  for (const { startSeconds, endSeconds, title } of chapters) {
    const [start, end] = [startSeconds, endSeconds].map((seconds) => Math.round(seconds * 1000));
    lines.push('[CHAPTER]', 'TIMEBASE=1/1000', `START=${start}`, `END=${end}`);
    if (title !== null) lines.push(`title=${escaped(title)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** `=`, `;`, `#`, `\` and line ends stand for themselves behind a backslash. */
const escaped = (text: string): string => text.replaceAll('\0', '').replaceAll(/[=;#\\\n]/g, (found) => `\\${found}`);
