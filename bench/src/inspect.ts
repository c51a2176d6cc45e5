import { loadavg } from 'node:os';
import { resolveFfmpeg } from '@reelmill/media';
import { twoHours } from './benchClips.ts';
import { farmInspect, packCommandLine } from './commands.ts';
import { report } from './report.ts';
import { median, round } from './statistics.ts';

const rounds = 5;

/** How long the advisor takes for a 2-hour film: its first answer, and the one from the index. Whole commands. */
export async function inspect(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await twoHours(ffmpegPath);
  packCommandLine();
  const header = [];
  const index = [];
  for (let turn = 0; turn < rounds; turn += 1) {
    header.push(await farmInspect(clip, 'header'));
    index.push(await farmInspect(clip, 'index'));
  }
  report('inspect', {
    clip: 'mp4, 640x360, 2 h, 180,000 frames, AAC',
    headerWalls: header.map(({ wallSeconds }) => round(wallSeconds)),
    headerSeconds: round(median(header.map(({ wallSeconds }) => wallSeconds))),
    headerCpuSeconds: round(median(header.map(({ cpuSeconds }) => cpuSeconds))),
    target: 2,
    indexWalls: index.map(({ wallSeconds }) => round(wallSeconds)),
    indexSeconds: round(median(index.map(({ wallSeconds }) => wallSeconds))),
    // walls mean little on a machine that does other work
    loadAverage: loadavg().map((load) => round(load, 1)),
    indexCpuSeconds: round(median(index.map(({ cpuSeconds }) => cpuSeconds))),
  });
}
