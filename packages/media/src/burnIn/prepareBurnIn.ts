import { copyFile, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { resourcesFolder } from '../process/resourcesFolder.ts';
import { type FfmpegHooks, inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import type { BurnIn } from './burnIn.ts';
import type { BurnInFiles } from './burnInFilters.ts';
import { copyTrack, filmClock, holdsLines } from './extractTrack.ts';
import { type FilmSpan, preparePictures } from './preparePictures.ts';

export interface BurnInSource {
  readonly burnIn: BurnIn;
  readonly demuxer: string;
  readonly sourcePath: string;
  /** An existing folder that the caller removes: all files of the burn-in come here, because nothing else is writable. */
  readonly folder: string;
  /** The part of the film that is drawn into. */
  readonly span: FilmSpan;
  /** Called while the source is read: a number that grows and stays below 1. */
  readonly onReading?: (share: number) => void;
}

export interface PreparedBurnIn extends BurnInFiles {
  /** For the FFmpeg that draws: only the fonts of this folder are looked at, never those of the node. */
  readonly environment: Readonly<Record<string, string>>;
}

const fontFile = 'DejaVuSans.ttf';

/**
 * Puts the fonts of the program, and of the source its subtitle track with the fonts attached to it, into `folder`.
 * @throws FarmError DECODE_FAILED, DISK_FULL, CANCELED
 */
export async function prepareBurnIn(source: BurnInSource, run: RunOptions): Promise<PreparedBurnIn> {
  const fontsFolder = join(source.folder, 'fonts');
  const configPath = join(source.folder, 'fonts.conf');
  await copyFonts(fontsFolder);
  await writeFile(configPath, fontConfig(fontsFolder, join(source.folder, 'font-cache')));
  const { subtitle, pictures } = source.burnIn;
  const hooks = readingHooks(source.onReading);
  const subtitlePath = subtitle === null ? null : join(source.folder, 'subtitle.mkv');
  if (subtitle !== null && subtitlePath !== null)
    await extractSubtitle(subtitle, { ...source, subtitlePath, hooks }, run);
  return {
    fontPath: join(fontsFolder, fontFile),
    fontsFolder,
    subtitlePath: subtitlePath !== null && (await holdsLines(subtitlePath)) ? subtitlePath : null,
    pictures: pictures === undefined ? null : await preparePictures(pictures, { ...source, hooks }, run),
    environment: { FONTCONFIG_FILE: configPath },
  };
}

function readingHooks(onReading: BurnInSource['onReading']): FfmpegHooks {
  let seen = 0;
  const onProgress = () => {
    seen += 1;
    onReading?.(1 - 1 / (1 + seen / 100));
  };
  return { failureCode: 'DECODE_FAILED', onProgress };
}

/** Copied, because encoders see the attempt's folder and little else. */
async function copyFonts(fontsFolder: string): Promise<void> {
  await mkdir(fontsFolder, { recursive: true });
  const from = join(resourcesFolder(), 'fonts');
  const names = (await readdir(from)).filter((name) => ['.ttf', '.otf', '.ttc'].includes(extname(name).toLowerCase()));
  await Promise.all(names.map((name) => copyFile(join(from, name), join(fontsFolder, name))));
}

/** Pixels must not depend on which fonts a node has: chunks of one film come from several. */
function fontConfig(fontsFolder: string, cacheFolder: string): string {
  const plain = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return (
    '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n' +
    `<fontconfig><dir>${plain(fontsFolder)}</dir><cachedir>${plain(cacheFolder)}</cachedir></fontconfig>\n`
  );
}

interface SubtitleFiles extends Pick<BurnInSource, 'demuxer' | 'sourcePath' | 'folder'> {
  readonly subtitlePath: string;
  readonly hooks: FfmpegHooks;
}

/**
 * The lines on the film's own clock. Written anew they need a second run: FFmpeg 5 loses the last packet of a bitstream
 * filter behind an encoder of subtitles.
 */
async function extractSubtitle(
  subtitle: NonNullable<BurnIn['subtitle']>,
  { demuxer, sourcePath, subtitlePath, folder, hooks }: SubtitleFiles,
  run: RunOptions,
): Promise<void> {
  const streams = [subtitle.streamIndex, ...subtitle.fontStreams];
  const { zeroSeconds, encoder } = subtitle;
  if (encoder === 'copy') {
    await copyTrack({ demuxer, sourcePath, streams, zeroSeconds, outputPath: subtitlePath }, run, hooks);
    return;
  }
  const rewrittenPath = join(folder, 'rewritten.mkv');
  await copyTrack({ demuxer, sourcePath, streams, zeroSeconds: null, outputPath: rewrittenPath, encoder }, run, hooks);
  if (!(await holdsLines(rewrittenPath))) {
    await rename(rewrittenPath, subtitlePath);
    return;
  }
  const onFilmClock = ['-bsf:s', filmClock(zeroSeconds), '-f', 'matroska', '-y', `file:${subtitlePath}`];
  const again = ['-copyts', ...inputGuardArgs('matroska'), '-i', `file:${rewrittenPath}`, '-map', '0', '-c', 'copy'];
  await runFfmpeg([...again, ...onFilmClock], run, hooks);
}
