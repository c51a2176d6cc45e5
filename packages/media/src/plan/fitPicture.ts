import type { VideoTrack } from '../probe/mediaInfo.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** How the picture meets the output: it is scaled, then cut to the output or laid on it. */
export interface Arrangement {
  readonly scaled: PictureSize;
  readonly output: PictureSize;
}

/** Size as people see it: pixel aspect applied to the width, then turned. */
export function displaySize(track: VideoTrack): PictureSize {
  const { num, den } = track.sampleAspectRatio;
  const upright = { width: (track.width * num) / den, height: track.height };
  return track.rotationClockwise % 180 === 0 ? upright : { width: upright.height, height: upright.width };
}

/**
 * Output size in square pixels that fits a box given for landscape pictures (portrait swaps it): never larger than
 * the source, always even, at least 2 by 2 (decision 26).
 */
export function fitBox(size: PictureSize, box: PictureSize): PictureSize {
  const portrait = size.height > size.width;
  const limit = portrait ? { width: box.height, height: box.width } : box;
  const scale = Math.min(1, limit.width / size.width, limit.height / size.height);
  return {
    width: nearestEven(size.width * scale, Math.min(limit.width, size.width)),
    height: nearestEven(size.height * scale, Math.min(limit.height, size.height)),
  };
}

/**
 * The picture covers a box of exactly this shape and is cut to it. A picture too small to cover the box gets a smaller
 * box of the same shape instead of being enlarged.
 */
export const cropToBox = (size: PictureSize, box: PictureSize): Arrangement => arrange(size, box, Math.max);

/** The whole picture on a black box of exactly this shape; a small picture gets a smaller box, as in `cropToBox`. */
export const padToBox = (size: PictureSize, box: PictureSize): Arrangement => arrange(size, box, Math.min);

/** `choose`: the larger of both sides' scales covers the box, the smaller one stays inside; rounding must not undo it. */
function arrange(size: PictureSize, box: PictureSize, choose: (one: number, other: number) => number): Arrangement {
  const fit = choose(box.width / size.width, box.height / size.height);
  const output = shrunkBox(box, Math.max(1, fit));
  const scale = Math.min(1, fit);
  const scaled = {
    width: choose(output.width, nearestEven(size.width * scale, size.width)),
    height: choose(output.height, nearestEven(size.height * scale, size.height)),
  };
  return { scaled, output };
}

function shrunkBox(box: PictureSize, divisor: number): PictureSize {
  return { width: evenBelow(box.width / divisor), height: evenBelow(box.height / divisor) };
}

/** Sums of fractions may fall short of a whole number by less than this. */
const arithmeticSlack = 1e-6;

const evenBelow = (exact: number) => Math.max(2, 2 * Math.floor((exact + arithmeticSlack) / 2));

/** The even number nearest to the exact one, not above the limit by more than rounding. */
function nearestEven(exact: number, limit: number): number {
  return Math.max(2, Math.min(2 * Math.round(exact / 2), 2 * Math.floor((limit + 0.5) / 2)));
}
