import { resolveFfmpeg } from '@reelmill/media';
import { film1080p } from './benchClips.ts';
import { farmRender, packCommandLine, plainEncode } from './commands.ts';
import { report } from './report.ts';
import { roundsOr } from './rounds.ts';
import { median, round } from './statistics.ts';

const rounds = roundsOr(3);

/** The whole command with 2 agents × 1 thread against plain ffmpeg on the same minute of film, taking turns. */
export async function oneHost(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await film1080p(ffmpegPath, 64);
  packCommandLine();
  const results = [];
  for (const speed of ['veryfast', 'medium']) {
    const plain = [];
    const farm = [];
    for (let round = 0; round < rounds; round += 1) {
      plain.push(await plainEncode(ffmpegPath, clip, { height: 1080, speed }));
      const args = ['--preset', 'h264-1080p', '--set', `speed=${speed}`, '--agents', '2', '--threads', '1'];
      farm.push(await farmRender(clip, args));
      console.error(
        `${speed} round ${round + 1}: plain ${plain[round]?.wallSeconds.toFixed(1)} s, farm ${farm[round]?.wallSeconds.toFixed(1)} s`,
      );
    }
    const wall = (runs: readonly { wallSeconds: number }[]): number => median(runs.map((run) => run.wallSeconds));
    const cpu = (runs: readonly { cpuSeconds: number }[]): number => median(runs.map((run) => run.cpuSeconds));
    results.push({
      speed,
      plainWalls: plain.map((run) => round(run.wallSeconds)),
      farmWalls: farm.map((run) => round(run.wallSeconds)),
      plainCpu: plain.map((run) => round(run.cpuSeconds)),
      farmCpu: farm.map((run) => round(run.cpuSeconds)),
      wallRatio: round(wall(farm) / wall(plain)),
      cpuRatio: round(cpu(farm) / cpu(plain)),
      chunks: farm[0]?.job.chunks,
      verify: farm[0]?.job.verify,
      target: speed === 'veryfast' ? 1.1 : 1.03,
    });
    // After each speed: a run that is cut off leaves what it measured.
    report('one-host', { clip: 'Big Buck Bunny 1080p, 64 s', agents: 2, threads: 1, results });
  }
}
