import { FarmError } from '@reelmill/protocol';
import { isMatroska } from '../assemble/containers.ts';
import { microsecondsOf } from '../assemble/joinTimeline.ts';
import type { Manifest } from '../manifest.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';

/** A year: no film is longer, false timestamps are. */
const longestFilmSeconds = 366 * 24 * 3600;
/** Sums and differences of two such times are still exact. */
const furthestTicks = 2 ** 51;
/** How long one frame may stay: MP4 counts it in 32 bits (ISO/IEC 14496-12, 8.6.1.2), FFmpeg in 31. */
const longestFrameTicks = 2 ** 31 - 1;

export interface ClockOfOutput {
  /** Where the last frame ends, source ticks. */
  readonly endPts: number;
  readonly container: Manifest['container'];
}

/**
 * The clock of a source can be written to an output: exact times, a film of at most a year, no frame that stands
 * longer than a container can say or shorter than Matroska's millisecond.
 * @throws FarmError MEDIA_LIMIT_EXCEEDED
 */
export function assertClockFits(index: SourceIndex, info: MediaInfo, { endPts, container }: ClockOfOutput): void {
  const { num, den } = info.video.timeBase;
  const first = index.pts[0] ?? 0;
  for (const [at, pts] of index.pts.entries()) {
    if (!(Math.abs(pts) <= furthestTicks))
      throw beyond('A timestamp of the source is beyond any clock.', { frame: at });
    const next = index.pts[at + 1] ?? endPts;
    if (next - pts > longestFrameTicks) {
      const seconds = Math.round(((next - pts) * num) / den);
      throw beyond(`Frame ${at} of the source stands still for ${seconds} s, longer than an output can say.`, {
        frame: at,
        seconds,
      });
    }
  }
  if (isMatroska(container)) assertMilliseconds(index, info);
  const seconds = ((endPts - first) * num) / den;
  if (seconds > longestFilmSeconds) {
    const days = Math.round(seconds / 86_400);
    throw beyond(`By its timestamps the source is ${days} days long; the farm takes up to a year.`, { seconds });
  }
}

function assertMilliseconds({ pts }: SourceIndex, { video }: MediaInfo): void {
  const first = pts[0] ?? 0;
  let before = Number.NEGATIVE_INFINITY;
  for (const [frame, ticks] of pts.entries()) {
    const millisecond = Math.round(microsecondsOf(ticks - first, video.timeBase) / 1000);
    if (millisecond === before) {
      const message = `Frames ${frame - 1} and ${frame} of the source are in one millisecond, the shortest time Matroska knows; choose a preset that writes MP4 or MOV.`;
      throw beyond(message, { frame });
    }
    before = millisecond;
  }
}

const beyond = (message: string, details: Record<string, unknown>) =>
  new FarmError('MEDIA_LIMIT_EXCEEDED', { message, details });
