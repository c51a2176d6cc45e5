import { mediaZeroSeconds } from './packagedTrack.ts';

/** A line of subtitles on the rendition's clock. */
export interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  /** In WebVTT's own marks: bold, italic, underlined, nothing else; one or more lines, none of them empty. */
  readonly text: string;
}

const timing = /^(\d+):(\d\d):(\d\d),(\d{3}) --> (\d+):(\d\d):(\d\d),(\d{3})/;

/** The cues of a SubRip file as FFmpeg writes it: a number, a line of times, the text, an empty line. Pure. */
export function cuesOfSubRip(file: string): Cue[] {
  const lines = file.split(/\r?\n/);
  const starts = [...lines.keys()].filter((at) => timing.test(lines[at] ?? '') && /^\d+$/.test(lines[at - 1] ?? ''));
  return starts.flatMap((start, cue) => {
    const following = starts[cue + 1];
    // the number of the next cue stands between
    const own = lines.slice(start + 1, following === undefined ? lines.length : following - 1);
    const text = own.filter((line) => line.trim() !== '').map(marked);
    const times = (timing.exec(lines[start] ?? '') ?? []).slice(1).map(Number);
    const [startMs, endMs] = [milliseconds(times.slice(0, 4)), milliseconds(times.slice(4))];
    return text.length === 0 || endMs <= startMs ? [] : [{ startMs, endMs, text: text.join('\n') }];
  });
}

const milliseconds = ([hours = 0, minutes = 0, seconds = 0, thousandths = 0]: readonly number[]): number =>
  ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths;

/** Marks that FFmpeg writes into SubRip; places (`{\an8}`) and fonts have no like in WebVTT. */
const subRipMarks = /(<\/?[bius]>|<\/?font[^>]*>|\{\\[^}]*\})/;
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text in which nothing is a mark. */
export const escapedText = (text: string): string => text.replaceAll(/[&<>]/g, (sign) => entities[sign] ?? '');

/** Everything that is no mark is text, whatever it looks like (https://www.w3.org/TR/webvtt1/#cue-text). */
function marked(line: string): string {
  return line
    .split(subRipMarks)
    .map((part, at) => {
      if (at % 2 === 0) return escapedText(part);
      return /^<\/?[biu]>$/.test(part) ? part : '';
    })
    .join('');
}

/** A whole track, on the rendition's clock. Pure. */
export const webVttFile = (cues: readonly Cue[]): string => `WEBVTT\n\n${cues.map(cueText).join('')}`;

/** A part of a track for HLS. Its clock is tied to that of picture and sound (RFC 8216, 3.5). Pure. */
export const webVttSegment = (cues: readonly Cue[]): string =>
  `WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:${mediaZeroSeconds * 90_000}\n\n${cues.map(cueText).join('')}`;

/**
 * The cues each segment has to hold: all that are shown while it lasts, so that one across an edge stands in both.
 * Nothing is lost before the first and behind the last edge. Pure.
 * @param startsMs first moments of the segments, rising
 */
export function cuesOfSegments(cues: readonly Cue[], startsMs: readonly number[]): Cue[][] {
  return startsMs.map((start, at) => {
    const from = at === 0 ? Number.NEGATIVE_INFINITY : start;
    const until = startsMs[at + 1] ?? Number.POSITIVE_INFINITY;
    return cues.filter(({ startMs, endMs }) => startMs < until && endMs > from);
  });
}

const cueText = ({ startMs, endMs, text }: Cue): string => `${clock(startMs)} --> ${clock(endMs)}\n${text}\n\n`;

function clock(ms: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const thousandths = String(ms % 1000).padStart(3, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${thousandths}`;
}
