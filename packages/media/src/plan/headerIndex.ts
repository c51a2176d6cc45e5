import type { MediaInfo } from '../probe/mediaInfo.ts';
import { trackDoubt } from '../probe/packetDoubt.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';

/** A header that promises more is not believed: the index counts. Nine hours at 60 frames per second. */
const mostFrames = 2_000_000;

/**
 * The index as the header promises it: evenly spaced frames, no known key frame but the first. Good for a forecast
 * of the plan, never for the plan itself.
 * @returns null where the header states no believable length or rate
 */
export function headerIndex(info: MediaInfo): SourceIndex | null {
  const { video } = info;
  const durationSeconds = video.durationSeconds ?? info.durationSeconds ?? 0;
  const frames = video.headerFrames ?? Math.round(durationSeconds * (video.averageFrameRate ?? 0));
  const statedTicks = (durationSeconds * video.timeBase.den) / video.timeBase.num;
  // a frame lasts a tick at least; AVI counts in frames, and its length is rounded
  if (frames < 1 || frames > mostFrames || !(statedTicks >= frames * 0.95)) return null;
  const durationTicks = Math.max(statedTicks, frames);
  const pts = Array.from({ length: frames }, (_, at) => Math.floor((at * durationTicks) / frames));
  return {
    streamIndex: video.index,
    pts,
    keyframePts: [0],
    cleanKeyframePts: [],
    lastFrameTicks: Math.floor(durationTicks / frames),
    packets: frames,
    droppedPackets: 0,
    videoBytes: video.bitRate === null ? info.sizeBytes : Math.round((video.bitRate * durationSeconds) / 8),
    evidence: 'packets',
    doubt: trackDoubt(video),
    errorLines: 0,
    audioEndSeconds: null,
  };
}
