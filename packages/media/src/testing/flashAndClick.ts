// Used by tests only: a film with one white frame and one click at the same moment, and how far apart they are found.
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

const picture = 'color=black:size=64x64:rate=25:duration=4,drawbox=color=white:t=fill:enable=eq(n\\,50)';
const clicks = "aevalsrc='if(between(t,2,2.003),0.9*sin(2*PI*4000*t),0)':s=48000:d=4";

/** Writes the film; `outputArgs` choose the audio codec and container. */
export async function makeFlashAndClick(path: string, outputArgs: readonly string[], run: RunOptions): Promise<void> {
  const inputs = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', clicks];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '25', '-pix_fmt', 'yuv420p'];
  await runFfmpeg([...inputs, ...video, ...outputArgs, '-y', path], run);
}

export interface Moments {
  /** Time of the white frame and of the click's onset, on the file's own clock. */
  readonly flash: number;
  readonly click: number;
}

/** Decodes the file and looks. */
export async function findFlashAndClick(path: string, run: RunOptions): Promise<Moments> {
  const open = ['-loglevel', 'info', '-copyts', '-i', path];
  const lines: string[] = [];
  await runFfmpeg(
    [...open, '-map', '0:v:0', '-vf', 'scale=8:8,format=gray,showinfo', '-fps_mode', 'passthrough', '-f', 'null', '-'],
    run,
    { onStderrLine: (line) => lines.push(line) },
  );
  const sound = await runFfmpeg(
    [
      ...open,
      '-map',
      '0:a:0',
      '-af',
      'aformat=channel_layouts=mono,silencedetect=noise=0.2:duration=0.3',
      '-f',
      'null',
      '-',
    ],
    run,
  );
  const white = lines.find((line) => Number(/mean:\[(\d+)/.exec(line)?.[1] ?? 0) > 128);
  return {
    flash: Number(/pts_time:\s*([\d.]+)/.exec(white ?? '')?.[1]),
    click: Number(/silence_end: ([\d.]+)/.exec(sound.log)?.[1]),
  };
}
