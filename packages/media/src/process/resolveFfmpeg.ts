import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { FarmError, type Toolchain } from '@reelmill/protocol';
import { resourcesFolder } from './resourcesFolder.ts';
import { runProcess } from './runProcess.ts';
import type { FfmpegTools } from './tools.ts';

export interface ResolveOptions {
  readonly ffmpegPath?: string | undefined;
  readonly ffprobePath?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Where one program is looked for; the first that is named or exists wins. */
interface Places {
  readonly program: 'ffmpeg' | 'ffprobe';
  /** Named by the user: an error when it does not run, never skipped silently. */
  readonly named: readonly (string | undefined)[];
  /** Taken only where the file exists. */
  readonly tried: readonly (string | undefined)[];
}

const executable = (program: string) => (process.platform === 'win32' ? `${program}.exe` : program);

/**
 * Finds FFmpeg and FFprobe and learns their build: option → REELMILL_FFMPEG / FFMPEG_BIN → resources/bin →
 * ffmpeg-static if its file exists → PATH; FFprobe the same way with REELMILL_FFPROBE / FFPROBE_BIN.
 * @throws FarmError FFMPEG_MISSING
 */
export async function resolveFfmpeg(options: ResolveOptions = {}): Promise<FfmpegTools> {
  const signal = options.signal ?? new AbortController().signal;
  const bundled = (program: string) => path.join(resourcesFolder(), 'bin', executable(program));
  const ffmpegPath = await resolveProgram({
    program: 'ffmpeg',
    named: [options.ffmpegPath, process.env.REELMILL_FFMPEG, process.env.FFMPEG_BIN],
    tried: [bundled('ffmpeg'), ffmpegStaticPath(), ...onPath('ffmpeg')],
  });
  const ffprobePath = await resolveProgram({
    program: 'ffprobe',
    named: [options.ffprobePath, process.env.REELMILL_FFPROBE, process.env.FFPROBE_BIN],
    tried: [bundled('ffprobe'), ...onPath('ffprobe')],
  });
  return { ffmpegPath, ffprobePath, toolchain: await describeToolchain(ffmpegPath, signal) };
}

async function resolveProgram(places: Places): Promise<string> {
  const named = places.named.find((candidate) => candidate !== undefined && candidate !== '');
  if (named !== undefined) return named;
  for (const candidate of places.tried)
    if (candidate !== undefined && (await isExecutable(candidate))) return candidate;
  throw new FarmError('FFMPEG_MISSING', {
    message: `No ${places.program} was found.`,
    details: { program: places.program, tried: places.tried },
  });
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function onPath(program: string): string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => path.join(folder, executable(program)));
}

/** The package exports a path even where its download failed, so the caller checks the file. */
function ffmpegStaticPath(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    const exported: unknown = require('ffmpeg-static');
    return typeof exported === 'string' ? exported : undefined;
  } catch (cause) {
    // an optional dependency: absent is normal
    if ((cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw cause;
  }
}

/** One start tells both: the banner names the build, the answer its encoders. */
async function describeToolchain(ffmpegPath: string, signal: AbortSignal): Promise<Toolchain> {
  const finished = await runProcess({ command: ffmpegPath, args: ['-encoders'] }, { signal });
  if (finished.exitCode !== 0) {
    throw new FarmError('FFMPEG_MISSING', {
      message: `${ffmpegPath} does not run.`,
      details: { exitCode: finished.exitCode, log: finished.log.slice(-2000) },
    });
  }
  const buildHash = createHash('sha256').update(finished.log).digest('hex');
  return {
    ffmpegVersion: /^ffmpeg version (\S+)/m.exec(finished.log)?.[1] ?? 'unknown',
    buildHash,
    arch: process.arch,
    classId: `${buildHash.slice(0, 12)}-${process.arch}`,
    encoders: parseEncoders(finished.stdout),
    filters: builtFilters(finished.log),
  };
}

/** The library each of these filters is built with (FFmpeg's `configure`, `*_filter_deps`). */
const filterLibraries = { drawtext: 'libfreetype', subtitles: 'libass', zscale: 'libzimg' } as const;

/** Of the filters that need a library those this build has, as its configuration says. */
export function builtFilters(banner: string): string[] {
  const flags = new Set(/^ *configuration: (.*)$/m.exec(banner)?.[1]?.split(/\s+/));
  const isChosen = ['--disable-everything', '--disable-all', '--disable-filters'].some((flag) => flags.has(flag));
  return Object.entries(filterLibraries).flatMap(([filter, library]) => {
    const isIn = isChosen ? flags.has(`--enable-filter=${filter}`) : !flags.has(`--disable-filter=${filter}`);
    return isIn && flags.has(`--enable-${library}`) ? [filter] : [];
  });
}

/** Names of the table that `ffmpeg -encoders` prints, sorted. */
export function parseEncoders(table: string): string[] {
  const names = [...table.matchAll(/^ [VAS][F.][S.][X.][B.][D.] (\S+)/gm)].map((match) => match[1] ?? '');
  return names.filter((name) => name !== '=').sort();
}
