import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';
import { film1080p } from './benchClips.ts';
import { farmRender, packCommandLine, plainArgs } from './commands.ts';
import { report } from './report.ts';
import { round } from './statistics.ts';
import { timedRun } from './timedRun.ts';

const seconds = 64;
const speed = 'medium';

interface Quality {
  readonly bytes: number;
  /** Against the source, all planes. */
  readonly psnrDecibels: number;
}

/**
 * Bytes and likeness to the source of a film cut into chunks of the default length, against plain ffmpeg with the same
 * encoder settings. Neither depends on what else the machine does.
 */
export async function quality(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await film1080p(ffmpegPath, seconds);
  packCommandLine();
  const plain = await plainQuality(ffmpegPath, clip);
  const farm: Quality[] = [];
  const { job } = await farmRender(clip, ['--preset', 'h264-1080p', '--set', `speed=${speed}`], {
    onOutput: async (path) => void farm.push(await qualityOf(ffmpegPath, path, clip)),
  });
  const [cut] = farm;
  if (cut === undefined) throw new Error('the farm gave no output');
  report('quality', {
    clip: `Big Buck Bunny 1080p, ${seconds} s`,
    speed,
    chunks: job.chunks,
    plain,
    farm: cut,
    bytesPercent: round((cut.bytes / plain.bytes - 1) * 100, 2),
    psnrDecibels: round(cut.psnrDecibels - plain.psnrDecibels),
    targets: { bytesPercent: 2, psnrDecibels: -0.2 },
  });
}

async function plainQuality(ffmpeg: string, clip: string): Promise<Quality> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  try {
    const path = join(folder, 'plain.mp4');
    // at its default FFmpeg repeats a frame where the clip's own clock stumbles, and frames could not be compared in order
    const args = plainArgs(clip, path, { height: 1080, speed }).toSpliced(-1, 0, '-fps_mode', 'passthrough');
    await timedRun(ffmpeg, args);
    return await qualityOf(ffmpeg, path, clip);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Frames are compared in order: both outputs hold those of the source. */
async function qualityOf(ffmpeg: string, path: string, clip: string): Promise<Quality> {
  const clock = 'settb=1/1000,setpts=N';
  const graph = `[0:v:0]${clock}[cut];[1:v:0]${clock}[source];[cut][source]psnr`;
  const args = ['-nostdin', '-hide_banner', '-i', path, '-i', clip, '-filter_complex', graph, '-f', 'null', '-'];
  const { stdout } = await timedRun('sh', ['-c', '"$@" 2>&1', 'sh', ffmpeg, ...args]);
  const psnr = /PSNR .*average:([\d.]+)/.exec(stdout)?.[1];
  return { bytes: (await stat(path)).size, psnrDecibels: round(Number(psnr)) };
}
