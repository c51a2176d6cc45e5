import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';
import { tinyClip } from './benchClips.ts';
import { packCommandLine } from './commands.ts';
import { ask, FarmEar, startAgent } from './farmClient.ts';
import { report } from './report.ts';
import { roundsOr } from './rounds.ts';
import { startServe } from './serveProcess.ts';
import { median, round } from './statistics.ts';

const depths = [3, 20] as const;
const measuredJobs = 10;
const rounds = roundsOr(2);

/**
 * Whether a long queue slows the farm: real renders of a one-second film by a real agent, with 10 and with 1,000 jobs
 * waiting behind those that are measured. All are planned before the agent comes, so that both measure the same work.
 */
export async function depth(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await tinyClip(ffmpegPath);
  packCommandLine();
  const runs = new Map<number, Run[]>(depths.map((behind) => [behind, []]));
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const behind of depths) runs.get(behind)?.push(await runOf(clip, behind));
  }
  const rates = (behind: number) => (runs.get(behind) ?? []).map(({ jobsPerMinute }) => jobsPerMinute);
  report('depth', {
    load: `${measuredJobs} renders of a film of one second, others waiting behind them`,
    jobsPerMinute: Object.fromEntries(depths.map((behind) => [behind, rates(behind)])),
    ratio: round(median(rates(20)) / median(rates(3))),
    secondsToTheNthEndAtDepth1000: runs.get(20)?.[0]?.endsSeconds,
    targets: { ratio: 0.95 },
  });
}

interface Run {
  readonly jobsPerMinute: number;
  readonly endsSeconds: Record<number, number>;
}

async function runOf(clip: string, behind: number): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  const dataDir = join(folder, 'data');
  const farm = await startServe(dataDir);
  const ear = new FarmEar(farm);
  try {
    const jobs = behind + measuredJobs + 1;
    const order = { inputs: [{ kind: 'path', path: clip }], preset: 'h264-320p', outputFolder: join(folder, 'out') };
    for (let job = 0; job < jobs; job += 1) await ask(farm, '/jobs', order);
    await ear.until((stats) => stats.chunksTotal >= jobs && stats.jobsActive === 0);
    const stopAgent = await startAgent(dataDir, { folder, slots: 1 });
    // the first one pays for what is begun once
    await ear.until(({ jobsDone }) => jobsDone >= 1);
    const startedAt = performance.now();
    const endsSeconds: Record<number, number> = {};
    for (let done = 10; done <= measuredJobs; done += 10) {
      await ear.until(({ jobsDone }) => jobsDone > done);
      endsSeconds[done] = round((performance.now() - startedAt) / 1000, 1);
    }
    const jobsPerMinute = round((60_000 * measuredJobs) / (performance.now() - startedAt), 1);
    await stopAgent();
    return { jobsPerMinute, endsSeconds };
  } finally {
    ear.close();
    await farm.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}
