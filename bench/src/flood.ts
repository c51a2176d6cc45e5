import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';
import { apiPrefix } from '@reelmill/protocol';
import { filmScaled } from './benchClips.ts';
import { packCommandLine } from './commands.ts';
import { openWindow } from './openWindow.ts';
import { report } from './report.ts';
import { type ServedFarm, startServe } from './serveProcess.ts';
import { round } from './statistics.ts';

const jobs = 1_000;

/**
 * A thousand submissions at once over HTTP, one job each, while a window is open; then the coordinator is killed and
 * started again. Accepted or refused with Retry-After (and sent again), none lost.
 */
export async function flood(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await filmScaled(ffmpegPath, { seconds: 10, height: 720 });
  packCommandLine();
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  const dataDir = join(folder, 'data');
  let farm = await startServe(dataDir);
  try {
    const window = await openWindow(farm);
    const startedAt = performance.now();
    const refusals = await Promise.all(Array.from({ length: jobs }, () => submitOne(farm, { clip, folder })));
    const acceptedSeconds = (performance.now() - startedAt) / 1000;
    const { p50, p99 } = await window.close();
    const { peakBytes } = farm.usage();
    await farm.kill('SIGKILL');
    farm = await startServe(dataDir);
    const { peakBytes: peakAfterRestart } = farm.usage();
    report('flood', {
      load: `${jobs} submissions at once, one window open, no agents`,
      acceptedSeconds: round(acceptedSeconds, 1),
      refusedAndSentAgain: refusals.reduce((sum, count) => sum + count, 0),
      jobsAfterRestart: await jobCount(farm),
      coordinatorPeakMegabytes: Math.round(peakBytes / 1e6),
      windowAnswerMilliseconds: { p50, p99 },
      restart: { readySeconds: round(farm.readySeconds), peakMegabytes: Math.round(peakAfterRestart / 1e6) },
      targets: { coordinatorPeakMegabytes: 500, windowAnswerP99Milliseconds: 100, readySeconds: 3 },
    });
  } finally {
    await farm.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

const authorized = ({ ownerToken }: ServedFarm) => ({ authorization: `Bearer ${ownerToken}` });

/** @returns how often it was refused before it was accepted */
async function submitOne(farm: ServedFarm, at: { clip: string; folder: string }): Promise<number> {
  const body = JSON.stringify({
    inputs: [{ kind: 'path', path: at.clip }],
    preset: 'h264-480p',
    outputFolder: join(at.folder, 'out'),
  });
  for (let refusals = 0; ; refusals += 1) {
    const headers = { ...authorized(farm), 'content-type': 'application/json' };
    const response = await fetch(`${farm.apiUrl}${apiPrefix}/jobs`, { method: 'POST', headers, body });
    const text = await response.text();
    if (response.status === 202) return refusals;
    if (response.status !== 429) throw new Error(`${response.status} ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response.headers.get('retry-after'))));
  }
}

async function jobCount(farm: ServedFarm): Promise<number> {
  const response = await fetch(`${farm.apiUrl}${apiPrefix}/jobs`, { headers: authorized(farm) });
  return ((await response.json()) as { jobs: unknown[] }).jobs.length;
}
