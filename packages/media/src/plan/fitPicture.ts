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
  return { width: even(size.width * scale), height: even(size.height * scale) };
}

/** Nearest even number not above the exact one by more than rounding. */
function even(exact: number): number {
  return Math.max(2, 2 * Math.floor((exact + 0.5) / 2));
}
