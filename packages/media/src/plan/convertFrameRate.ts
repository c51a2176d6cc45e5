import type { OutputRate } from '@reelmill/protocol';
import type { FilmManifest, Rational } from '../manifest.ts';

/** Containers round times to a millisecond at worst. */
const gridToleranceSeconds = 0.0011;

/** Whether the frames already come at exactly that rate, but for their container's rounding. */
export function isAtRate(rate: OutputRate, pts: readonly number[], timeBase: Rational): boolean {
  const secondsPerTick = timeBase.num / timeBase.den;
  const first = pts[0] ?? 0;
  return pts.every((time, at) => {
    const errorSeconds = (time - first) * secondsPerTick - (at * rate.den) / rate.num;
    return Math.abs(errorSeconds) <= gridToleranceSeconds;
  });
}

/**
 * The plan of a film at another, constant rate: frame k of the output is the source's frame shown at k / rate, for as
 * long as the film lasts. Output frames then differ from source frames, which is what seams are proven by, so the film
 * goes whole. The count does not depend on how FFmpeg ends a film: the last frame is repeated without end, and cut.
 */
export function atFrameRate(plan: FilmManifest, rate: OutputRate): FilmManifest {
  const frames = Math.max(1, Math.round((plan.durationSeconds * rate.num) / rate.den));
  const filters = [
    'setpts=PTS-STARTPTS',
    `fps=fps=${rate.num}/${rate.den}:start_time=0:round=near`,
    'tpad=stop=-1:stop_mode=clone',
    `trim=end_frame=${frames}`,
  ];
  const sentence = `${plan.frames} frames became ${frames} at ${Number((rate.num / rate.den).toFixed(3))} a second`;
  const { burnIn } = plan.video;
  const growth = plan.video.passes === 2 ? 1 : Math.max(1, frames / plan.frames);
  return {
    ...plan,
    estimatedOutputBytes: Math.ceil(plan.estimatedOutputBytes * growth),
    estimatedScratchBytes: Math.ceil(plan.estimatedScratchBytes * growth),
    timeBase: { num: rate.den, den: rate.num },
    frames,
    sourceFrames: plan.frames,
    firstPts: 0,
    durationSeconds: (frames * rate.den) / rate.num,
    plan: 'whole',
    wholeReason: plan.wholeReason ?? 'The frame rate is converted: output frames are not source frames.',
    warnings: [
      ...plan.warnings,
      `FRAME_RATE_CONVERTED: ${sentence}.`,
      ...(plan.side.timecode === null ? [] : ['TIMECODE_DROPPED: timecode counts the frames of the source.']),
    ],
    side: { ...plan.side, timecode: null },
    chunks: [
      {
        index: 0,
        first: 0,
        end: frames,
        seekSeconds: null,
        trimStartPts: null,
        trimEndPts: null,
        firstPts: 0,
        durationTicks: frames,
        deltas: frames > 1 ? [[1, frames - 1]] : [],
      },
    ],
    video: {
      ...plan.video,
      ...(burnIn === undefined ? {} : { burnIn: { ...burnIn, firstPts: 0 } }),
      rateFilters: filters,
    },
  };
}
