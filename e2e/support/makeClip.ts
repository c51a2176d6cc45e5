import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';

export interface ClipOptions {
  readonly seconds: number;
  readonly size?: string;
  readonly rate?: string;
  /** More arguments after the encoder's. */
  readonly args?: readonly string[];
  readonly faststart?: boolean;
  readonly audio?: boolean;
  /** Files of subtitles: one track each, English then German. */
  readonly texts?: readonly string[];
  /** Titles of chapters, each as long as the others. */
  readonly chapters?: readonly string[];
}

const run = promisify(execFile);
let tools: Promise<FfmpegTools> | undefined;

/** A generated H.264 clip: moving test picture, a tone, closed or open GOPs as `args` say. */
export async function makeClip(path: string, options: ClipOptions): Promise<void> {
  tools ??= resolveFfmpeg();
  const { ffmpegPath } = await tools;
  const picture = `testsrc2=size=${options.size ?? '640x360'}:rate=${options.rate ?? '25'}:duration=${options.seconds}`;
  const tone = `sine=frequency=440:sample_rate=48000:duration=${options.seconds}`;
  const audio = options.audio === false ? [] : ['-f', 'lavfi', '-i', tone];
  const { texts = [], chapters = [] } = options;
  const inputs = 1 + (options.audio === false ? 0 : 1) + texts.length;
  const metadata = `${path}.chapters`;
  if (chapters.length > 0) await writeFile(metadata, chapterText(chapters, options.seconds / chapters.length));
  const maps = Array.from({ length: inputs }, (_, input) => ['-map', String(input)]).flat();
  const labels = texts.flatMap((_, at) => [`-metadata:s:s:${at}`, `language=${['eng', 'deu'][at] ?? 'und'}`]);
  await run(ffmpegPath, [
    ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', picture, ...audio],
    ...texts.flatMap((text) => ['-i', text]),
    ...(chapters.length === 0 ? [] : ['-f', 'ffmetadata', '-i', metadata, '-map_chapters', String(inputs)]),
    ...(texts.length === 0 ? [] : [...maps, '-c:s', 'mov_text', ...labels]),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p'],
    ...(options.audio === false ? [] : ['-c:a', 'aac']),
    ...(options.faststart ? ['-movflags', '+faststart'] : []),
    ...(options.args ?? []),
    ...['-y', path],
  ]);
  await rm(metadata, { force: true });
}

function chapterText(titles: readonly string[], seconds: number): string {
  const chapters = titles.map((title, at) => {
    const [start, end] = [at, at + 1].map((edge) => Math.round(edge * seconds * 1000));
    return `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\ntitle=${title}\n`;
  });
  return `;FFMETADATA1\n${chapters.join('')}`;
}
