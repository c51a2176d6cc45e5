import { FarmError } from '@reelmill/protocol';
import type { Manifest, ResolvedVideo } from '../manifest.ts';
import { microsecondsOf } from './joinTimeline.ts';

const microsecondsPerSecond = 1_000_000;

export interface JoinPlan extends Pick<Manifest, 'chunks' | 'timeBase'> {
  readonly video: Pick<ResolvedVideo, 'chunkContainer'>;
}

/**
 * The list of FFmpeg's concat demuxer. Each `duration` is the distance to the next chunk's first frame; without it
 * joins drift up to 100 ms. The demuxer counts in whole microseconds, so durations are differences of rounded *sums*:
 * the error stays below half a microsecond instead of growing with every chunk. Matroska chunks begin at the rounded
 * millisecond of their first frame (`phaseMicroseconds`), so there the sums are whole milliseconds.
 */
export function concatList(manifest: JoinPlan, segmentPaths: readonly string[]): string {
  const unit = manifest.video.chunkContainer === 'mkv' ? 1000 : 1;
  const lines = ['ffconcat version 1.0'];
  let ticks = 0;
  let microseconds = 0;
  for (const [at, chunk] of manifest.chunks.entries()) {
    ticks += chunk.durationTicks;
    const end = Math.round(microsecondsOf(ticks, manifest.timeBase) / unit) * unit;
    lines.push(...concatEntry(segmentPaths[at] ?? '', end - microseconds));
    microseconds = end;
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Lines of one file in a concat list. `options` are FFmpeg's for opening it, as `framerate 24/1`.
 * @throws FarmError REQUEST_INVALID
 */
export function concatEntry(path: string, microseconds: number, options: readonly string[] = []): string[] {
  return [`file ${quoted(path)}`, ...options.map((option) => `option ${option}`), `duration ${seconds(microseconds)}`];
}

/**
 * Inside single quotes only the quote itself is special (FFmpeg "Quoting and escaping"); but a line ends where it ends,
 * quoted or not.
 * @throws FarmError REQUEST_INVALID
 */
function quoted(path: string): string {
  if (/[\n\r\0]/.test(path)) {
    throw new FarmError('REQUEST_INVALID', {
      message: `The farm cannot work in a folder with a line break in its name: ${JSON.stringify(path)}.`,
      details: { path },
    });
  }
  return `'file:${path.replaceAll("'", "'\\''")}'`;
}

function seconds(microseconds: number): string {
  return `${Math.floor(microseconds / microsecondsPerSecond)}.${String(microseconds % microsecondsPerSecond).padStart(6, '0')}`;
}
