import type { BurnIn, TimecodeClock } from './burnIn.ts';
import { filterValue } from './filterValue.ts';
import { timecodeOfFrame } from './timecode.ts';

/** Where a node put what the filters read: files of our own making. */
export interface BurnInFiles {
  readonly fontPath: string;
  readonly fontsFolder: string;
  /** null: no subtitle is burned in. */
  readonly subtitlePath: string | null;
}

/** The part of a film that passes the filters. */
export interface FilmPart {
  /** Number of its first frame. */
  readonly first: number;
  /** pts of that frame in the source. */
  readonly firstPts: number;
}

/** Family of the font that comes with the program. */
const fontFamily = 'DejaVu Sans';
/** Height of its digits, in letter heights. */
const digitHeight = 0.73;

/**
 * Filters that draw text into frames whose times start at 0. Within them the clock is the film's, so that a chunk from
 * the middle shows what the whole film would show; behind them it starts at 0 again. Pure.
 */
export function burnInFilters(burnIn: BurnIn, part: FilmPart, files: BurnInFiles): string[] {
  const ticks = part.firstPts - burnIn.firstPts;
  const filters = [
    ...(burnIn.subtitle === null || files.subtitlePath === null
      ? []
      : [subtitleFilter(burnIn.subtitle, files.subtitlePath, files.fontsFolder)]),
    ...(burnIn.timecode === null ? [] : [timecodeFilter(burnIn.timecode, part.first, files.fontPath)]),
  ];
  return ticks === 0 ? filters : [`setpts=PTS+${ticks}`, ...filters, `setpts=PTS-${ticks}`];
}

function subtitleFilter({ style }: NonNullable<BurnIn['subtitle']>, subtitlePath: string, fontsFolder: string): string {
  const look =
    style === null ? [] : [`FontName=${fontFamily}`, `FontSize=${style.fontSize}`, `PrimaryColour=&H00${style.color}`];
  return optionsOf('subtitles', {
    filename: subtitlePath,
    stream_index: '0',
    fontsdir: fontsFolder,
    ...(look.length === 0 ? {} : { force_style: look.join(',') }),
  });
}

/** The baseline stays where it is whatever the digits: `ascent` is the height of the highest one. */
function timecodeFilter(timecode: NonNullable<BurnIn['timecode']>, first: number, fontPath: string): string {
  const { clock, position, fontPixels, marginPixels, color } = timecode;
  const space = marginPixels + Math.round(fontPixels / 5);
  const [row, column = 'middle'] = position.split('-');
  const x = { left: `${space}`, middle: '(w-text_w)/2', right: `w-text_w-${space}` }[column] ?? '0';
  const baseline = row === 'top' ? `${space + Math.round(fontPixels * digitHeight)}` : `h-${space}`;
  return optionsOf('drawtext', {
    fontfile: fontPath,
    ...textOf(clock, first),
    fontsize: String(fontPixels),
    fontcolor: `0x${color}`,
    box: '1',
    boxcolor: 'black@0.6',
    boxborderw: String(Math.round(fontPixels / 5)),
    x,
    y: `${baseline}-ascent`,
  });
}

function textOf(clock: TimecodeClock, first: number): Record<string, string> {
  if (clock.kind === 'frames') {
    const timecode = timecodeOfFrame(clock.startFrame + first, clock);
    return { timecode, timecode_rate: String(clock.framesPerSecond), tc24hmax: '1' };
  }
  const start = clock.startMilliseconds === 0 ? '' : `:${clock.startMilliseconds / 1000}`;
  return { text: `%{pts:hms${start}}` };
}

const optionsOf = (filter: string, options: Readonly<Record<string, string>>): string =>
  `${filter}=${Object.entries(options)
    .map(([name, value]) => `${name}=${filterValue(value)}`)
    .join(':')}`;

/** Filters that some builds of FFmpeg lack. */
export function burnInNeeds(burnIn: BurnIn | undefined): string[] {
  return [...(burnIn?.subtitle ? ['subtitles'] : []), ...(burnIn?.timecode ? ['drawtext'] : [])];
}
