import { copyFile, link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';
import { tinyClip } from './benchClips.ts';
import { packCommandLine } from './commands.ts';
import { ask } from './farmClient.ts';
import { openWindow } from './openWindow.ts';
import { report } from './report.ts';
import { type ServedFarm, startServe } from './serveProcess.ts';
import { round } from './statistics.ts';

const folders = 10;
const films = 10_000;

/**
 * The longest queue there may be: 100,000 jobs, submitted as ten folders of 10,000 films while the farm is paused, so that
 * nothing but the queue itself costs. Then the coordinator is killed and started again, and a window is opened.
 */
export async function queue(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await tinyClip(ffmpegPath);
  packCommandLine();
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  const dataDir = join(folder, 'data');
  let farm = await startServe(dataDir);
  try {
    await ask(farm, '/farm/pause', { stopAfter: null });
    const startedAt = performance.now();
    for (let number = 0; number < folders; number += 1) await submitFolder(farm, { clip, folder, number });
    const acceptedSeconds = (performance.now() - startedAt) / 1000;
    const full = farm.usage();
    const refused = await submitFolder(farm, { clip, folder, number: folders }).then(
      () => 'accepted',
      (thrown: Error) => / 429 /.exec(thrown.message)?.[0].trim() ?? thrown.message,
    );
    await farm.kill('SIGKILL');
    farm = await startServe(dataDir);
    const restarted = farm.usage();
    const window = await openWindow(farm);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const { p50, p99 } = await window.close();
    report('queue', {
      load: `${folders * films} jobs in the queue, the farm paused`,
      acceptedSeconds: round(acceptedSeconds, 1),
      oneMore: refused,
      residentMegabytes: megabytes(full.residentBytes),
      peakMegabytes: megabytes(full.peakBytes),
      restart: {
        readySeconds: round(farm.readySeconds, 1),
        residentMegabytes: megabytes(restarted.residentBytes),
        peakMegabytes: megabytes(restarted.peakBytes),
      },
      withOneWindow: {
        commandMilliseconds: { p50, p99 },
        peakMegabytes: megabytes(farm.usage().peakBytes),
      },
    });
  } finally {
    await farm.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

/** One film under many names, with the bytes of one. */
async function submitFolder(
  farm: ServedFarm,
  { clip, folder, number }: { clip: string; folder: string; number: number },
): Promise<void> {
  const source = join(folder, `films-${number}`);
  await mkdir(source);
  const first = join(source, 'film.mp4');
  await copyFile(clip, first);
  for (let film = 1; film < films; film += 1) await link(first, join(source, `film-${film}.mp4`));
  const inputs = [{ kind: 'path', path: source }];
  await ask(farm, '/jobs', { inputs, preset: 'h264-320p', outputFolder: join(folder, 'out') });
}
