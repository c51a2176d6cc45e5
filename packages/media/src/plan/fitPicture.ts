import type { VideoTrack } from '../probe/mediaInfo.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
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

/** The even number nearest to the exact one, not above the limit by more than rounding. */
function nearestEven(exact: number, limit: number): number {
  return Math.max(2, Math.min(2 * Math.round(exact / 2), 2 * Math.floor((limit + 0.5) / 2)));
}
