// Used by tests only: a second, much newer FFmpeg, to show that plans do not depend on the version.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The wheel of the Python registry that carries a static FFmpeg, without FFprobe. */
const wheel = { name: 'imageio-ffmpeg', version: '0.8.1', ffmpeg: '9.0.2' } as const;

/** Path of the program, or one sentence why there is none. */
export type NewerFfmpeg = { readonly ffmpegPath: string } | { readonly missing: string };

/** Finds it in the cache of the tests, or unpacks it there once. */
export async function ensureNewerFfmpeg(): Promise<NewerFfmpeg> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'reelmill-test', 'ffmpeg');
  const ffmpegPath = join(cache, `ffmpeg-${wheel.ffmpeg}`);
  try {
    if (!existsSync(ffmpegPath)) await unpackWheel(cache, ffmpegPath);
    return { ffmpegPath };
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    return { missing: `FFmpeg ${wheel.ffmpeg} could not be unpacked from ${wheel.name}: ${text.split('\n')[0]}` };
  }
}

async function unpackWheel(cache: string, ffmpegPath: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpack-'));
  try {
    const pin = `${wheel.name}==${wheel.version}`;
    await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '-d', work, pin]);
    const wheelFile = (await readdir(work)).find((name) => name.endsWith('.whl'));
    if (!wheelFile) throw new Error('pip left no wheel');
    await run('python3', ['-m', 'zipfile', '-e', join(work, wheelFile), work]);
    const binaries = join(work, 'imageio_ffmpeg', 'binaries');
    const program = (await readdir(binaries)).find((name) => name.startsWith('ffmpeg'));
    if (!program) throw new Error(`the wheel holds no program for ${process.platform}`);
    await chmod(join(binaries, program), 0o755);
    // whole or not at all, also where another test process does the same
    await rename(join(binaries, program), ffmpegPath);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
