import { FarmError } from '@reelmill/protocol';
import type { EncodeReport, EncodeSpec } from '../manifest.ts';
import { timesOf } from '../plan/deltaRuns.ts';
import type { StreamPackets } from '../verify/readPackets.ts';

/** Half a tick of Matroska's millisecond clock, and the microseconds before it; mp4 and mov carry the source's own ticks. */
const matroskaToleranceSeconds = 0.000502;
const arithmeticToleranceSeconds = 1e-7;

/**
 * Compares the packets of an encoded chunk with the plan: as many as planned, each as far from the first as planned.
 * @returns frame count, first and last time in ticks of the source.
 * @throws FarmError FRAME_COUNT, TIMESTAMPS_WRONG
 */
export function checkChunkTimes(
  { chunk, timeBase, video, phaseMicroseconds }: EncodeSpec,
  packets: Pick<StreamPackets, 'pts' | 'shown' | 'timeBase'>,
): Pick<EncodeReport, 'frames' | 'firstPts' | 'lastPts'> {
  const planned = timesOf(0, chunk.deltas);
  const found = packets.pts.filter((_, at) => packets.shown[at]).sort((a, b) => a - b);
  if (found.length !== planned.length) {
    throw new FarmError('FRAME_COUNT', {
      message: `Chunk ${chunk.index} holds ${found.length} frames instead of the planned ${planned.length}.`,
      details: { chunkIndex: chunk.index, planned: planned.length, found: found.length },
    });
  }
  const tick = { plan: timeBase.num / timeBase.den, file: packets.timeBase.num / packets.timeBase.den };
  const isMatroska = video.chunkContainer === 'mkv';
  const tolerance = isMatroska ? matroskaToleranceSeconds : arithmeticToleranceSeconds;
  const startSeconds = isMatroska ? phaseMicroseconds / 1e6 : (found[0] ?? 0) * tick.file;
  for (const [frame, ticks] of planned.entries()) {
    const errorSeconds = Math.abs((found[frame] ?? 0) * tick.file - startSeconds - ticks * tick.plan);
    if (errorSeconds <= tolerance) continue;
    throw new FarmError('TIMESTAMPS_WRONG', {
      message: `Frame ${frame} of chunk ${chunk.index} is ${(errorSeconds * 1000).toFixed(3)} ms off its planned time.`,
      details: { chunkIndex: chunk.index, frame, errorSeconds },
    });
  }
  const startTicks = isMatroska ? 0 : Math.round(startSeconds / tick.plan);
  const firstPts = chunk.firstPts + startTicks;
  return { frames: found.length, firstPts, lastPts: firstPts + (planned.at(-1) ?? 0) };
}
