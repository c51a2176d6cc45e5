import type { ResolvedAudio, ResolvedVideo } from '../manifest.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';

/** Upper end of what one output pixel costs, in bits; measured on ordinary films. */
const bitsPerPixel: Readonly<Record<string, number>> = { libx264: 0.15, prores_ks: 1.2, ffv1: 8 };
const containerShare = 1.02;

export interface SizeInput {
  readonly video: ResolvedVideo;
  readonly sounds: readonly ResolvedAudio[];
  readonly index: SourceIndex;
  readonly durationSeconds: number;
}

/** Predicted bytes of the finished output; errs upwards, but lossy re-encodes rarely exceed twice their source. */
export function estimateOutputBytes({ video, sounds, index, durationSeconds }: SizeInput): number {
  const pixels = video.width * video.height * index.pts.length;
  const byPixels = (pixels * (bitsPerPixel[video.encoder] ?? 1)) / 8;
  const picture = video.encoder === 'libx264' ? Math.min(byPixels, 2 * index.videoBytes + 1_000_000) : byPixels;
  const soundBytesPerSecond = sounds
    .map((audio) => (audio.encoder === 'aac' ? 20_000 : audio.sampleRate * audio.channels * 4))
    .reduce((sum, bytes) => sum + bytes, 0);
  return Math.ceil((picture + soundBytesPerSecond * durationSeconds) * containerShare);
}
