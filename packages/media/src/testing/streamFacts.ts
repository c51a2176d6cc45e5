// Used by tests only.
import { runFfprobe } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

const fields = 'codec_name,codec_tag_string,profile,pix_fmt,width,height,sample_aspect_ratio,field_order,sample_rate';
const colors = 'color_range,color_space,color_transfer,color_primaries';

/** What FFprobe says of the first picture or sound track of a file. */
export async function streamFacts(path: string, kind: 'v' | 'a', run: RunOptions): Promise<Record<string, unknown>> {
  const entries = ['-show_entries', `stream=${fields},${colors}`];
  const { stdout } = await runFfprobe(['-select_streams', `${kind}:0`, ...entries, '-of', 'json', path], run);
  return (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams[0] ?? {};
}

/** Mean rate of the picture's packets, bits per second. */
export async function videoBitrate(path: string, durationSeconds: number, run: RunOptions): Promise<number> {
  const entries = ['-show_entries', 'packet=size', '-of', 'csv=p=0'];
  const { stdout } = await runFfprobe(['-select_streams', 'v:0', ...entries, path], run);
  const bytes = stdout.split('\n').reduce((sum, line) => sum + Number(line.split(',')[0] || 0), 0);
  return (bytes * 8) / durationSeconds;
}
