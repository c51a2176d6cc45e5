import type { BurnIn, TimecodeClock } from './burnIn.ts';
import { filterValue } from './filterValue.ts';
import { type PictureSubtitle, placeCanvas } from './pictureSubtitle.ts';
import type { PreparedPictures } from './preparePictures.ts';
import { timecodeOfFrame } from './timecode.ts';

/** Where a node put what the filters read: files of our own making. */
export interface BurnInFiles {
  readonly fontPath: string;
  readonly fontsFolder: string;
  /** null: no subtitle is burned in. */
  readonly subtitlePath: string | null;
  /** null: no subtitle that is a picture is shown. */
  readonly pictures: PreparedPictures | null;
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
    ...(burnIn.pictures === undefined || files.pictures === null
      ? []
      : [overlayFilters(burnIn.pictures, files.pictures)]),
    ...(burnIn.subtitle === null || files.subtitlePath === null
      ? []
      : [subtitleFilter(burnIn.subtitle, files.subtitlePath, files.fontsFolder)]),
    ...(burnIn.timecode === null ? [] : [timecodeFilter(burnIn.timecode, part.first, files.fontPath)]),
  ];
  return ticks === 0 ? filters : [`setpts=PTS+${ticks}`, ...filters, `setpts=PTS-${ticks}`];
}

/** The scaler's bytes must not depend on the node's CPU. */
const scaleFlags = 'bicubic+accurate_rnd+bitexact+full_chroma_int';

/** FFmpeg's overlay shows a picture of the very time of a frame only on the next frame; times of subtitles are milliseconds. */
const halfMillisecondEarly = ['settb=1/1000000', 'setpts=PTS-500'];

/**
 * The pictures of the subtitles, a film of their own, over this one: each frame gets the last of them that is not later
 * than it. Begins and ends in the middle of a chain.
 */
function overlayFilters(pictures: PictureSubtitle, { path, canvas }: PreparedPictures): string {
  const { overlay, matrix, range, white, tag } = pictures;
  const { width, height, x, y } = placeCanvas(pictures, canvas);
  const dimmed = optionsOf('colorchannelmixer', { rr: `${white}`, gg: `${white}`, bb: `${white}` });
  const colors = { flags: scaleFlags, out_color_matrix: matrix, out_range: range };
  const lines = [
    optionsOf('movie', { filename: path, format_name: 'matroska' }),
    ...halfMillisecondEarly,
    ...(white === 1 ? [] : [dimmed]),
    optionsOf('scale', { w: `${width}`, h: `${height}`, ...colors }),
    `format=${overlay.pixelFormat}`,
    // newer versions of FFmpeg would convert one of both where their tags differ
    optionsOf('setparams', { colorspace: tag }),
  ];
  const laid = optionsOf('overlay', { x: `${x}`, y: `${y}`, format: overlay.format, eof_action: 'repeat' });
  return `null[film];${lines.join(',')}[lines];[film][lines]${laid}`;
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
