// Used by tests only: films with several tracks of every kind, and how to read them back.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFfmpeg, runFfprobe } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

/** Lines as they are in the source: milliseconds and text. */
export interface SubtitleLine {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

export const plainLines: readonly SubtitleLine[] = [
  { startMs: 500, endMs: 1500, text: 'Good morning = hello' },
  { startMs: 2000, endMs: 2750, text: 'Über die Brücke' },
];
export const styledLines: readonly SubtitleLine[] = [
  { startMs: 250, endMs: 900, text: 'first' },
  { startMs: 1100, endMs: 3200, text: 'second' },
];
export const filmChapters = [
  { startMs: 0, endMs: 1234, title: 'One; and = two' },
  { startMs: 1234, endMs: 4000, title: 'Zwei — Ende' },
] as const;
export const filmTags = { title: 'A film; with = signs #1', artist: 'Someone', firmware: 'HD5.02' } as const;
export const creationTime = '2017-04-17T19:27:57.000000Z';
export const timecode = '01:02:03:04';

const seconds = 4;
const clock = (ms: number, separator: string, digits: number) => {
  const rest = String(ms % 1000)
    .padStart(3, '0')
    .slice(0, digits);
  return `00:00:${String(Math.floor(ms / 1000)).padStart(2, '0')}${separator}${rest}`;
};

export const srtText = (lines: readonly SubtitleLine[]) =>
  lines
    .map(
      ({ startMs, endMs, text }, at) => `${at + 1}\n${clock(startMs, ',', 3)} --> ${clock(endMs, ',', 3)}\n${text}\n`,
    )
    .join('\n');

const assText = (lines: readonly SubtitleLine[]) =>
  [
    '[Script Info]\nScriptType: v4.00+\nPlayResX: 384\nPlayResY: 288\n\n[V4+ Styles]',
    'Format: Name, Fontname, Fontsize, PrimaryColour, Alignment\nStyle: Default,Arial,18,&H00FFFFFF,8\n\n[Events]',
    'Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text',
    ...lines.map(
      ({ startMs, endMs, text }) =>
        `Dialogue: 0,${clock(startMs, '.', 2)},${clock(endMs, '.', 2)},Default,,0,0,0,,{\\i1}${text}{\\i0}`,
    ),
  ].join('\n');

export interface RichSource {
  readonly path: string;
  readonly fontPath: string;
  readonly coverPath: string;
}

/**
 * Four seconds with three audio tracks (stereo `eng`, 5.1 comment `fra`, mono `deu` 250 ms late), two subtitle tracks,
 * chapters, tags, a cover; in Matroska also an ASS track and an attached font, in mp4 a timecode track.
 */
export async function makeRichSource(folder: string, container: 'mkv' | 'mp4', run: RunOptions): Promise<RichSource> {
  const path = join(folder, `rich.${container}`);
  const files = await writeSideFiles(folder, run);
  const sine = (frequency: number) => [
    '-f',
    'lavfi',
    '-i',
    `sine=frequency=${frequency}:sample_rate=48000:duration=${seconds}`,
  ];
  const isMatroska = container === 'mkv';
  const metadata = ['-f', 'ffmetadata', '-i', files.metadata];
  const cover = isMatroska ? [] : ['-i', files.cover];
  const texts = ['-i', files.srt, '-i', files.ass];
  const maps = ['0:v', '1:a', '2:a', '3:a', '4:s', '5:s'].flatMap((map) => ['-map', map]);
  await runFfmpeg(
    [
      ...['-f', 'lavfi', '-i', `testsrc2=size=128x96:rate=25:duration=${seconds}`],
      ...[...sine(440), ...sine(550), '-itsoffset', '0.25', ...sine(660), ...texts, ...metadata, ...cover, ...maps],
      ...(isMatroska ? [] : ['-map', '7:v']),
      ...['-map_metadata', '6', '-map_chapters', '6', '-metadata', `creation_time=${creationTime}`],
      ...['-c:v:0', 'libx264', '-preset', 'ultrafast', '-g', '10'],
      ...(isMatroska ? ['-c:a', 'flac'] : ['-c:a', 'alac', '-c:v:1', 'copy', '-disposition:v:1', 'attached_pic']),
      ...['-ac:a:1', '6', '-ac:a:2', '1', '-c:s', isMatroska ? 'copy' : 'mov_text'],
      ...labels('a:0', { language: 'eng', title: 'Main', disposition: 'default' }),
      ...labels('a:1', { language: 'fra', title: 'Commentaire', disposition: 'comment' }),
      ...labels('a:2', { language: 'deu', title: 'Deutsch', disposition: '0' }),
      ...labels('s:0', { language: 'eng', title: 'Signs', disposition: 'default+forced' }),
      ...labels('s:1', { language: 'deu', title: 'Voll', disposition: 'hearing_impaired' }),
      ...['-metadata:s:v:0', 'language=ita', '-metadata:s:v:0', `timecode=${timecode}`],
      ...(isMatroska ? attachments(files) : ['-write_tmcd', '1']),
      ...['-y', path],
    ],
    run,
  );
  return { path, fontPath: files.font, coverPath: files.cover };
}

async function writeSideFiles(folder: string, run: RunOptions) {
  const at = (name: string) => join(folder, name);
  const files = {
    srt: at('plain.srt'),
    ass: at('styled.ass'),
    metadata: at('film.txt'),
    font: at('font.ttf'),
    cover: at('art.png'),
  };
  const escaped = (text: string) => text.replaceAll(/[=;#\\]/g, (found) => `\\${found}`);
  const chapters = filmChapters.map(
    ({ startMs, endMs, title }) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${startMs}\nEND=${endMs}\ntitle=${escaped(title)}`,
  );
  const tags = Object.entries(filmTags).map(([key, value]) => `${key}=${escaped(value)}`);
  await Promise.all([
    writeFile(files.srt, srtText(plainLines)),
    writeFile(files.ass, assText(styledLines)),
    writeFile(files.metadata, [';FFMETADATA1', ...tags, ...chapters, ''].join('\n')),
    writeFile(files.font, Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 31) % 251))),
    runFfmpeg(['-f', 'lavfi', '-i', 'color=red:size=64x64', '-frames:v', '1', '-y', files.cover], run),
  ]);
  return files;
}

function labels(
  track: string,
  { language, title, disposition }: { language: string; title: string; disposition: string },
) {
  return [
    ...[`-metadata:s:${track}`, `language=${language}`, `-metadata:s:${track}`, `title=${title}`],
    ...[`-disposition:${track}`, disposition],
  ];
}

function attachments({ font, cover }: { font: string; cover: string }) {
  const named = (path: string, at: number, [fileName, mimeType]: [string, string]) => [
    ...['-attach', path, `-metadata:s:t:${at}`, `filename=${fileName}`, `-metadata:s:t:${at}`, `mimetype=${mimeType}`],
  ];
  return [...named(font, 0, ['Some Font.ttf', 'font/ttf']), ...named(cover, 1, ['cover.png', 'image/png'])];
}

export interface ReadStream {
  readonly index: number;
  readonly codec_type: string;
  readonly codec_name: string;
  readonly channels?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly disposition: Readonly<Record<string, number>>;
}

export interface ReadFile {
  readonly streams: readonly ReadStream[];
  readonly chapters: readonly {
    readonly startMs: number;
    readonly endMs: number;
    readonly title: string | undefined;
  }[];
  /** Names in lower case. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What FFprobe finds in a file. */
export async function readBack(path: string, run: RunOptions): Promise<ReadFile> {
  const args = ['-show_streams', '-show_chapters', '-show_format', '-of', 'json', path];
  const answer = JSON.parse((await runFfprobe(args, run)).stdout);
  const milliseconds = (text: string) => Math.round(Number(text) * 1000);
  return {
    streams: answer.streams,
    chapters: answer.chapters.map((chapter: { start_time: string; end_time: string; tags?: { title?: string } }) => ({
      startMs: milliseconds(chapter.start_time),
      endMs: milliseconds(chapter.end_time),
      title: chapter.tags?.title,
    })),
    tags: Object.fromEntries(
      Object.entries<string>(answer.format.tags ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
    ),
  };
}

/** The lines of one subtitle track, on the file's own clock, without styles. */
export async function readLines(path: string, track: number, run: RunOptions): Promise<SubtitleLine[]> {
  const args = ['-copyts', '-i', path, '-map', `0:s:${track}`, '-c:s', 'subrip', '-f', 'srt', '-'];
  const { stdout } = await runFfmpeg(args, run);
  const form = /(\d+):(\d+):(\d+),(\d+) --> (\d+):(\d+):(\d+),(\d+)\r?\n([\s\S]*?)(?=\r?\n\r?\n|$)/g;
  return [...stdout.matchAll(form)].map((found) => {
    const [h1, m1, s1, ms1, h2, m2, s2, ms2] = found.slice(1, 9).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return {
      startMs: ((h1 * 60 + m1) * 60 + s1) * 1000 + ms1,
      endMs: ((h2 * 60 + m2) * 60 + s2) * 1000 + ms2,
      text: (found[9] ?? '').replaceAll(/<[^>]*>|\{[^}]*\}/g, '').trim(),
    };
  });
}
