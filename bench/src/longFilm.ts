import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';
import type { JobView } from '@reelmill/protocol';
import { lightFilm } from './benchClips.ts';
import { packCommandLine } from './commands.ts';
import { ask, FarmEar, startAgent } from './farmClient.ts';
import { report } from './report.ts';
import { minutesOr } from './rounds.ts';
import { startServe } from './serveProcess.ts';
import { round } from './statistics.ts';

const minutes = minutesOr(60);
const presets = ['h264-320p', 'h264-360p', 'h264-480p'];

/** One job of 1,800 chunks and three renditions, from probe to published files, with a window open all the time. */
export async function longFilm(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await lightFilm(ffmpegPath, minutes);
  packCommandLine();
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  const dataDir = join(folder, 'data');
  const farm = await startServe(dataDir);
  const ear = new FarmEar(farm);
  try {
    const stopAgent = await startAgent(dataDir, { folder, slots: 2 });
    const startedAt = performance.now();
    const since = (): number => round((performance.now() - startedAt) / 1000, 1);
    const order = { inputs: [{ kind: 'path', path: clip }], preset: presets, chunkSeconds: 2 };
    const settings = { settings: { speed: 'ultrafast' }, outputFolder: join(folder, 'out') };
    await ask(farm, '/jobs', { ...order, ...settings });
    await ear.until(({ chunksTotal }) => chunksTotal > 0);
    const plannedSeconds = since();
    const planned = ear.traffic();
    await ear.until(({ chunksVerified, chunksTotal, jobsDone }) => jobsDone > 0 || chunksVerified >= chunksTotal);
    const encodedSeconds = since();
    const encoding = ear.traffic();
    await ear.until(({ jobsDone, jobsFailed }) => jobsDone + jobsFailed > 0);
    const { jobs } = await ask<{ jobs: JobView[] }>(farm, '/jobs');
    const { cpuSeconds, peakBytes } = farm.usage();
    await stopAgent();
    report('long-film', {
      load: `${minutes} min of a film of 480p at 10 frames a second, ${jobs[0]?.chunksTotal} chunks in ${presets.length} renditions, a window open`,
      state: jobs[0]?.state,
      plannedSeconds,
      encodedSeconds,
      publishedSeconds: since(),
      coordinatorCpuPercentOfOneCore: round((100 * cpuSeconds) / since(), 1),
      coordinatorPeakMegabytes: Math.round(peakBytes / 1e6),
      window: {
        largestMessageKilobytes: Math.round(ear.traffic().largestBytes / 1000),
        bytesPerPatchWhileEncoding: Math.round(
          (encoding.bytes - planned.bytes) / Math.max(1, encoding.patches - planned.patches),
        ),
      },
    });
  } finally {
    ear.close();
    await farm.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}
