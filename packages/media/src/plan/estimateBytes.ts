import { learnsBySize } from '../encode/passArgs.ts';
import type { ResolvedAudio, ResolvedVideo } from '../manifest.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';

/** Upper end of what one output pixel costs, in bits; measured on ordinary films, for the editing codecs on noise. */
const bitsPerPixel: Readonly<Record<string, number>> = {
  libx264: 0.15,
  libx265: 0.12,
  libsvtav1: 0.12,
  'libvpx-vp9': 0.12,
  'prores_ks 0': 1.2,
  'prores_ks 1': 2,
  'prores_ks 2': 2.8,
  'prores_ks 3': 4.2,
  'prores_ks 4': 8,
  'dnxhd dnxhr_lb': 0.85,
  'dnxhd dnxhr_sq': 2.5,
  'dnxhd dnxhr_hq': 3.8,
  'dnxhd dnxhr_hqx': 3.8,
  ffv1: 8,
};
/** Hardware spends more than software for the same quality. */
const hardwareBitsPerPixel = 0.3;
const lossyEncoders = new Set(['libx264', 'libx265', 'libsvtav1', 'libvpx-vp9']);
const lossySound = new Set(['aac', 'libopus']);
/** A rate control may miss its mark by this much. */
const rateSlack = 1.1;
const containerShare = 1.02;

export interface SizeInput {
  readonly video: ResolvedVideo;
  readonly sounds: readonly ResolvedAudio[];
  readonly index: SourceIndex;
  readonly durationSeconds: number;
}

/** Predicted bytes of the finished output; errs upwards, but lossy re-encodes rarely exceed twice their source. */
export function estimateOutputBytes({ video, sounds, index, durationSeconds }: SizeInput): number {
  const picture = pictureBytes(video, index, durationSeconds);
  return Math.ceil((picture + soundBytesPerSecond(sounds) * durationSeconds) * containerShare);
}

/** Predicted bytes of all tracks of sound, each second. */
export const soundBytesPerSecond = (sounds: readonly ResolvedAudio[]): number =>
  sounds
    .map((audio) => (lossySound.has(audio.encoder) ? 20_000 : audio.sampleRate * audio.channels * 4))
    .reduce((sum, bytes) => sum + bytes, 0);

function pictureBytes(video: ResolvedVideo, index: SourceIndex, durationSeconds: number): number {
  const { encoder } = video;
  if (video.passes === 2) return (Number(optionValue(video, '-b:v') ?? 0) * durationSeconds) / 8;
  const maxBitrate = Number(optionValue(video, '-maxrate') ?? 0);
  const byRate = maxBitrate > 0 ? (maxBitrate * durationSeconds * rateSlack) / 8 : Number.POSITIVE_INFINITY;
  if (maxBitrate > 0 && !video.encoderArgs.includes('-crf')) return byRate;
  const known = video.device ? hardwareBitsPerPixel : bitsPerPixel[encoder];
  const bits = known ?? bitsPerPixel[`${encoder} ${optionValue(video, '-profile:v')}`] ?? 1;
  const byPixels = (video.width * video.height * index.pts.length * bits) / 8;
  return video.device || lossyEncoders.has(encoder)
    ? Math.min(byPixels, byRate, 2 * index.videoBytes + 1_000_000)
    : byPixels;
}

/** What the first of two passes leaves for the second, for each frame and each of its blocks of 16 by 16 pixels. */
const statsBytes = { frame: 200, block: 2 };

/** Predicted bytes of what the first of two passes leaves; 0 where there is one. */
export function estimateStatsBytes(video: ResolvedVideo, film: { frames: number; durationSeconds: number }): number {
  if (video.passes !== 2) return 0;
  // a whole film, before its rate is corrected
  if (learnsBySize(video)) return (Number(optionValue(video, '-b:v') ?? 0) * film.durationSeconds) / 4;
  const blocks = Math.ceil(video.width / 16) * Math.ceil(video.height / 16);
  return film.frames * (statsBytes.frame + statsBytes.block * blocks);
}

function optionValue({ encoderArgs }: ResolvedVideo, option: string): string | undefined {
  const at = encoderArgs.indexOf(option);
  return at < 0 ? undefined : encoderArgs[at + 1];
}
