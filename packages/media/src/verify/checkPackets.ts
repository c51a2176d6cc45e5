import { FarmError } from '@reelmill/protocol';
import { isMatroska } from '../assemble/containers.ts';
import { plannedTicks } from '../assemble/joinTimeline.ts';
import { soundTracks } from '../audio/soundTracks.ts';
import type { Manifest, ResolvedAudio } from '../manifest.ts';
import { firstShownSeconds, type StreamPackets } from './readPackets.ts';

/** Half a tick of Matroska's millisecond clock (decision 6), and the two microseconds FFmpeg rounds before. */
const matroskaToleranceSeconds = 0.000502;
/** Below any tick: what is left of sums of fractions. */
const arithmeticToleranceSeconds = 1e-7;
/** No slack beyond 40 ms for sources of few frames a second. */
const longestFrameSeconds = 0.04;

/**
 * The output holds exactly the planned frames, none hidden by an edit list.
 * @throws FarmError FRAME_COUNT.
 */
export function checkFrameCount(manifest: Manifest, video: StreamPackets): void {
  const hidden = video.shown.filter((shown) => !shown).length;
  if (video.pts.length === manifest.frames && hidden === 0) return;
  throw new FarmError('FRAME_COUNT', {
    message: `The output holds ${video.pts.length - hidden} frames instead of the planned ${manifest.frames}.`,
    details: { planned: manifest.frames, found: video.pts.length, hidden },
  });
}

/**
 * Decode times strictly increase and no frame is shown before it is decoded.
 * @throws FarmError TIMESTAMPS_WRONG.
 */
export function checkDecodeOrder(video: StreamPackets): void {
  for (const [at, dts] of video.dts.entries()) {
    const previous = video.dts[at - 1];
    const late = dts > (video.pts[at] ?? dts);
    if (!late && (previous === undefined || dts > previous)) continue;
    throw new FarmError('TIMESTAMPS_WRONG', {
      message: `Decode times of the output do not increase at packet ${at}.`,
      details: { packet: at, dts, previous: previous ?? null, pts: video.pts[at] ?? null },
    });
  }
}

/**
 * Compares the distance of every frame from the first with the plan.
 * @returns the largest error in seconds: 0 in mp4 and mov, at most half a millisecond in Matroska.
 * @throws FarmError TIMESTAMPS_WRONG.
 */
export function checkFrameTimes(manifest: Manifest, video: StreamPackets): number {
  const shown = Float64Array.from(video.pts).sort();
  const first = shown[0] ?? 0;
  const tick = { output: video.timeBase.num / video.timeBase.den, plan: manifest.timeBase.num / manifest.timeBase.den };
  let largest = 0;
  let frame = 0;
  for (const ticks of plannedTicks(manifest)) {
    const error = Math.abs(((shown[frame] ?? Number.NaN) - first) * tick.output - ticks * tick.plan);
    if (!(error <= toleranceSeconds(manifest))) {
      throw new FarmError('TIMESTAMPS_WRONG', {
        message: `Frame ${frame} of the output is ${(error * 1000).toFixed(3)} ms off its planned time.`,
        details: { frame, errorSeconds: error },
      });
    }
    largest = Math.max(largest, error);
    frame += 1;
  }
  return largest < arithmeticToleranceSeconds ? 0 : largest;
}

function toleranceSeconds({ container }: Manifest): number {
  return arithmeticToleranceSeconds + (isMatroska(container) ? matroskaToleranceSeconds : 0);
}

/**
 * Every audio track starts as far from the picture as in the source.
 * @returns the largest error in seconds; null without audio in the plan.
 * @throws FarmError AV_OFFSET when it exceeds one frame; VERIFY_FAILED when a track of the plan is missing.
 */
export function checkAudioOffset(manifest: Manifest, streams: readonly StreamPackets[]): number | null {
  const video = streams.find(({ codecType }) => codecType === 'video');
  const found = streams.filter(({ codecType }) => codecType === 'audio');
  const planned = soundTracks(manifest);
  if (found.length > planned.length) {
    throw new FarmError('VERIFY_FAILED', { message: 'The output has sound that the plan does not know.' });
  }
  const errors = planned.map(({ audio }, at) => offsetError(manifest, audio, { video, sound: found[at] }));
  return errors.length === 0 ? null : Math.max(...errors);
}

function offsetError(
  manifest: Manifest,
  planned: ResolvedAudio,
  output: { video: StreamPackets | undefined; sound: StreamPackets | undefined },
): number {
  const videoStart = output.video ? firstShownSeconds(output.video) : null;
  const audioStart = output.sound ? firstShownSeconds(output.sound) : null;
  if (videoStart === null || audioStart === null) {
    throw new FarmError('VERIFY_FAILED', { message: 'The sound of the plan is missing in the output.' });
  }
  const found = audioStart - videoStart;
  const error = Math.abs(found - planned.offsetSeconds);
  if (error <= Math.min(longestFrameSeconds, manifest.durationSeconds / manifest.frames)) return error;
  throw new FarmError('AV_OFFSET', {
    message: `Sound starts ${(found * 1000).toFixed(1)} ms after the picture instead of ${(planned.offsetSeconds * 1000).toFixed(1)} ms.`,
    details: { plannedSeconds: planned.offsetSeconds, foundSeconds: found, streamIndex: planned.streamIndex },
  });
}
