import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JobLine } from '@reelmill/protocol';
import { type TimedRun, timedRun } from './timedRun.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
/** The command line as `packCommandLine` leaves it. */
export const launcher = join(repository, 'dist/reelmill/bin/reelmill.mjs');

/** Packs the command line as it is installed: what is measured is what users run. */
export function packCommandLine(): void {
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  execFileSync(process.execPath, ['scripts/dist.mjs', 'reelmill'], { cwd: repository, stdio: [...stdio] });
}

/**
 * `reelmill inspect` without a coordinator. Its CPU is that of its own processes: nothing of them runs in a sandbox, so
 * a shell can account for them also on a machine that does other work.
 */
export async function farmInspect(clip: string, depth: 'header' | 'index'): Promise<Omit<TimedRun, 'stdout'>> {
  const nowhere = join(tmpdir(), 'reelmill-bench-no-coordinator');
  const args = [process.execPath, launcher, 'inspect', clip, '--json', '--depth', depth, '--data', nowhere];
  const { wallSeconds, stdout } = await timedRun('sh', ['-c', '"$@" >/dev/null || exit; times', 'sh', ...args]);
  const ofChildren = stdout.trim().split('\n').at(-1) ?? '';
  const times = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  return { wallSeconds, cpuSeconds: times.reduce((sum, seconds) => sum + seconds, 0) };
}

export interface FarmRun extends TimedRun {
  readonly job: JobLine;
}

/** `reelmill render` as a user types it, into a folder of its own that is removed afterwards; `onOutput` looks at the output before. */
export async function farmRender(
  clip: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; onOutput?: (path: string) => Promise<void> } = {},
): Promise<FarmRun> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  try {
    const run = await timedRun(
      process.execPath,
      [launcher, 'render', clip, '--out', folder, '--fresh', '--json', ...args],
      options,
    );
    const lines = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const job = JobLine.parse(lines.findLast((line) => line.type === 'job'));
    await options.onOutput?.(job.outputs[0]?.path ?? '');
    return { ...run, job };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What someone without a farm would type for the same result: same encoder settings, FFmpeg's own threading. */
export function plainArgs(clip: string, outputPath: string, options: { height: number; speed: string }): string[] {
  const scale = options.height === 1080 ? [] : ['-vf', `scale=-2:${options.height}`];
  return [
    ...['-nostdin', '-v', 'error', '-i', clip, '-map', '0:v:0', '-map', '0:a:0?', ...scale, '-c:v', 'libx264'],
    ...['-preset', options.speed, '-crf', '20', '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
    ...['-c:a', 'aac', '-b:a', '160k', '-ac', '2', '-movflags', '+faststart', outputPath],
  ];
}

export async function plainEncode(
  ffmpeg: string,
  clip: string,
  options: { height: number; speed: string },
): Promise<TimedRun> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  try {
    return await timedRun(ffmpeg, plainArgs(clip, join(folder, 'plain.mp4'), options));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
