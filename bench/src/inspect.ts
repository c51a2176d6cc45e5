import { rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { resolveFfmpeg } from '@reelmill/media';
import { hourOfFullRate, twoHours } from './benchClips.ts';
import { farmInspect, packCommandLine } from './commands.ts';
import { report } from './report.ts';
import { roundsOr } from './rounds.ts';
import { median, round } from './statistics.ts';

const rounds = roundsOr(5);

/** How long the advisor takes: its first answer, and the one from the index. Whole commands, as users run them. */
export async function inspect(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  packCommandLine();
  const film = await clipFigures('mp4, 640x360, 0.8 Mb/s, AAC', await twoHours(ffmpegPath), 2);
  const large = [];
  for (const extension of ['mp4', 'mkv'] as const) {
    const path = await hourOfFullRate(ffmpegPath, extension);
    large.push(await clipFigures(`${extension}, 1280x720, 8 Mb/s, AAC`, path, 1));
    await rm(path);
  }
  report('inspect', {
    clips: [film, ...large],
    targets: { firstAnswerSecondsOfTwoHours: 2, indexCpuSecondsPerHour: 1 },
    // walls mean little on a machine that does other work, and CPU seconds grow with it too
    loadAverage: loadavg().map((load) => round(load, 1)),
  });
}

type Measured = Awaited<ReturnType<typeof farmInspect>>;

async function repeated(clip: string, depth: 'header' | 'index'): Promise<Measured[]> {
  const runs = [];
  for (let turn = 0; turn < rounds; turn += 1) runs.push(await farmInspect(clip, depth));
  return runs;
}

const medians = (runs: readonly Measured[]) => ({
  seconds: round(median(runs.map(({ wallSeconds }) => wallSeconds))),
  cpuSeconds: round(median(runs.map(({ cpuSeconds }) => cpuSeconds))),
});

/** The index is what the whole answer costs beyond the first: reading packets, sound's start, the plan. */
async function clipFigures(clip: string, path: string, hours: number) {
  const firstAnswer = medians(await repeated(path, 'header'));
  const wholeAnswer = medians(await repeated(path, 'index'));
  const indexCpuSecondsPerHour = round((wholeAnswer.cpuSeconds - firstAnswer.cpuSeconds) / hours);
  return { clip: `${clip}, ${hours} h`, firstAnswer, wholeAnswer, indexCpuSecondsPerHour };
}
