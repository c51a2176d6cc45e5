import { resolveFfmpeg } from '@reelmill/media';
import { EncoderSpeed } from '@reelmill/protocol';
import { film1080p } from './benchClips.ts';
import { farmRender, packCommandLine, plainEncode } from './commands.ts';
import { report } from './report.ts';
import { roundsOr } from './rounds.ts';
import { median, round } from './statistics.ts';

const rounds = roundsOr(3);
/** Heights of the rungs, and the presets that make them with the same settings as the plain command. */
const rungs = { 1080: 'h264-1080p', 720: 'h264-720p', 480: 'h264-480p', 360: 'h264-360p' } as const;

/** `--speed medium` alone, else both: a round of `medium` takes two cores about three minutes. */
function askedSpeeds(): readonly string[] {
  const at = process.argv.indexOf('--speed');
  return at < 0 ? ['veryfast', 'medium'] : [EncoderSpeed.parse(process.argv[at + 1])];
}

/** One job of four renditions against four plain runs: what one decode for all of them saves. */
export async function ladder(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await film1080p(ffmpegPath, 64);
  const speeds = askedSpeeds();
  packCommandLine();
  const results = [];
  for (const speed of speeds) {
    const plain = [];
    const farm = [];
    for (let turn = 0; turn < rounds; turn += 1) {
      let [wallSeconds, cpuSeconds] = [0, 0];
      for (const height of Object.keys(rungs).map(Number)) {
        const run = await plainEncode(ffmpegPath, clip, { height, speed });
        wallSeconds += run.wallSeconds;
        cpuSeconds += run.cpuSeconds;
      }
      plain.push({ wallSeconds, cpuSeconds });
      const args = ['--preset', Object.values(rungs).join(','), '--set', `speed=${speed}`, '--agents', '2'];
      farm.push(await farmRender(clip, args));
      console.error(
        `${speed} round ${turn + 1}: plain ${round(cpuSeconds)} CPU-s, farm ${farm[turn]?.cpuSeconds} CPU-s`,
      );
    }
    const of = (runs: readonly { wallSeconds: number; cpuSeconds: number }[], what: 'wallSeconds' | 'cpuSeconds') =>
      median(runs.map((run) => run[what]));
    results.push({
      speed,
      plainCpu: plain.map((run) => round(run.cpuSeconds)),
      ladderCpu: farm.map((run) => round(run.cpuSeconds)),
      plainWalls: plain.map((run) => round(run.wallSeconds)),
      ladderWalls: farm.map((run) => round(run.wallSeconds)),
      cpuRatio: round(of(farm, 'cpuSeconds') / of(plain, 'cpuSeconds')),
      wallRatio: round(of(farm, 'wallSeconds') / of(plain, 'wallSeconds')),
      target: 0.9,
    });
    report('ladder', { clip: 'Big Buck Bunny 1080p, 64 s', rungs: Object.keys(rungs), agents: 2, results });
  }
}
