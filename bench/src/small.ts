import { resolveFfmpeg } from '@reelmill/media';
import { filmScaled } from './benchClips.ts';
import { farmRender, packCommandLine, plainEncode } from './commands.ts';
import { report } from './report.ts';
import { roundsOr } from './rounds.ts';
import { median, round } from './statistics.ts';

const rounds = roundsOr(5);

/** What a farm costs where it helps least: a 10 s 720p clip, default options, against plain ffmpeg. */
export async function small(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await filmScaled(ffmpegPath, { seconds: 10, height: 720 });
  packCommandLine();
  const plain = [];
  const farm = [];
  for (let turn = 0; turn < rounds; turn += 1) {
    plain.push((await plainEncode(ffmpegPath, clip, { height: 720, speed: 'medium' })).wallSeconds);
    farm.push((await farmRender(clip, ['--preset', 'h264-720p'])).wallSeconds);
  }
  report('small', {
    clip: 'Big Buck Bunny 720p, 10 s',
    plainWalls: plain.map((wall) => round(wall)),
    farmWalls: farm.map((wall) => round(wall)),
    extraSeconds: round(median(farm) - median(plain)),
    target: 1.5,
  });
}
