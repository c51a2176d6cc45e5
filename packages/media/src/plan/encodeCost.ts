import type { ResolvedVideo } from '../manifest.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';

/**
 * CPU seconds per million output pixels on one core of a 2020s server, by encoder and speed. Only the order of
 * magnitude matters: they choose chunk lengths and order tasks.
 */
const encodeSecondsPerMegapixel: Readonly<Record<string, number>> = {
  'libx264 ultrafast': 0.004,
  'libx264 superfast': 0.007,
  'libx264 veryfast': 0.01,
  'libx264 faster': 0.016,
  'libx264 fast': 0.02,
  'libx264 medium': 0.025,
  'libx264 slow': 0.05,
  prores_ks: 0.03,
  ffv1: 0.025,
};
const decodeSecondsPerMegapixel = 0.003;
/** Process start, seek and warm-up decode of one chunk. */
export const chunkOverheadSeconds = 0.25;

export interface CostInput {
  readonly info: MediaInfo;
  readonly video: ResolvedVideo;
  readonly frames: number;
}

/** Predicted CPU seconds of decoding and encoding that many frames at once. */
export function encodeCostSeconds({ info, video, frames }: CostInput): number {
  const sourceMegapixels = (info.video.width * info.video.height) / 1e6;
  return frames * sourceMegapixels * decodeSecondsPerMegapixel + encoderCostSeconds(video, frames);
}

/** Predicted CPU seconds of the encoder alone. */
export function encoderCostSeconds(video: ResolvedVideo, frames: number): number {
  const presetAt = video.encoderArgs.indexOf('-preset');
  const key = presetAt < 0 ? video.encoder : `${video.encoder} ${video.encoderArgs[presetAt + 1]}`;
  return (frames * video.width * video.height * (encodeSecondsPerMegapixel[key] ?? 0.02)) / 1e6;
}
