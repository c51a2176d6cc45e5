import { FarmError, type Preset } from '@reelmill/protocol';
import { countsTicks } from '../encode/passArgs.ts';
import type { ResolvedAudio, ResolvedVideo } from '../manifest.ts';

export interface SizeBudget {
  readonly sounds: readonly ResolvedAudio[];
  readonly durationSeconds: number;
  readonly frames: number;
  /** Every frame of the output lasts exactly as long as the others. */
  readonly isSteady: boolean;
}

/** Aimed below the wanted size: rate controls and the estimates here miss by about a hundredth. */
const aimShare = 0.985;
/** Sample tables or block headers of one packet, bytes; and what a file costs that holds nothing. */
const packetBytes = 16;
const fileBytes = 4_000;
/** Samples of one packet: AAC 1024, Opus 960, PCM and FLAC more. */
const packetSamples = 960;
/** Bits a pixel below which encoders show blocks more than the film. */
const leastBitsPerPixel: Readonly<Record<string, number>> = {
  libx264: 0.012,
  libx265: 0.008,
  'libvpx-vp9': 0.008,
  libsvtav1: 0.006,
};
const leastBitrate = 10_000;
/** FFmpeg counts bit rates in 31 bits. */
const mostBitrate = 2_000_000_000;

/** The picture with the bit rate that makes the whole output as large as the preset says, in two passes. */
export interface SizedVideo {
  readonly video: ResolvedVideo;
  /** Why this preset needs the whole film at once, a sentence; null: it does not. */
  readonly wholeReason: string | null;
}

/**
 * Shares the wanted bytes among sound, container and picture; presets without a target size are left alone. Pure.
 * @throws FarmError PRESET_UNSUITABLE with the smallest sensible size where the film is too long for it
 */
export function withTargetSize(video: ResolvedVideo, preset: Preset, budget: SizeBudget): SizedVideo {
  const bytes = targetBytes(preset);
  if (bytes === null) return { video, wholeReason: null };
  const otherBytes = soundBytes(budget) + containerBytes(budget);
  const seconds = Math.max(budget.durationSeconds, 0.001);
  const bitrate = Math.floor(((bytes * aimShare - otherBytes) * 8) / seconds);
  const least = smallestBitrate(video, budget);
  if (!budget.isSteady && countsTicks(video)) throw uneven(video);
  if (bitrate < least) throw tooSmall(bytes, ((least * seconds) / 8 + otherBytes) / aimShare, budget);
  return {
    video: {
      ...video,
      encoderArgs: [...video.encoderArgs, '-b:v', String(Math.min(bitrate, mostBitrate))],
      passes: 2,
    },
    wholeReason: `One rate control must see the whole film, in two passes, to meet the size of ${sizeText(bytes)}.`,
  };
}

function targetBytes({ video }: Preset): number | null {
  return video !== null && 'rate' in video && video.rate.mode === 'target-size' ? video.rate.bytes : null;
}

/** As many bytes as the sound can take: lossy codecs keep to their rate, of lossless ones nothing better is known. */
function soundBytes({ sounds }: SizeBudget): number {
  return sounds.reduce((sum, { encoderArgs, sampleRate, channels, durationSeconds }) => {
    const rateAt = encoderArgs.indexOf('-b:a');
    const bitrate = rateAt < 0 ? sampleRate * channels * 24 : Number(encoderArgs[rateAt + 1]);
    return sum + (bitrate * durationSeconds) / 8;
  }, 0);
}

function containerBytes({ sounds, frames }: SizeBudget): number {
  const soundPackets = sounds.reduce(
    (sum, { sampleRate, durationSeconds }) => sum + (sampleRate * durationSeconds) / packetSamples,
    0,
  );
  return fileBytes + packetBytes * (frames + soundPackets);
}

function smallestBitrate({ encoder, width, height }: ResolvedVideo, { frames, durationSeconds }: SizeBudget): number {
  const pixelsPerSecond = (width * height * frames) / Math.max(durationSeconds, 0.001);
  return Math.max(leastBitrate, Math.ceil(pixelsPerSecond * (leastBitsPerPixel[encoder] ?? 0.012)));
}

function tooSmall(bytes: number, leastBytes: number, { durationSeconds }: SizeBudget): FarmError {
  const smallestBytes = roundedUp(leastBytes);
  const film = `a film of ${Number(durationSeconds.toFixed(1))} s`;
  return new FarmError('PRESET_UNSUITABLE', {
    message: `${sizeText(bytes)} are too few for ${film} with this preset: it needs at least ${sizeText(smallestBytes)}.`,
    details: { bytes, smallestBytes },
  });
}

const uneven = ({ encoder }: ResolvedVideo): FarmError =>
  new FarmError('PRESET_UNSUITABLE', {
    message: `${encoder} meets a size only where all frames last equally long, and those of this film do not: set fps, or take H.264 or HEVC.`,
    details: { encoder },
  });

/** Up to the next number with two digits that count. */
function roundedUp(bytes: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(bytes)) - 1);
  return Math.ceil(bytes / step) * step;
}

function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Number((bytes / 1e3).toFixed(3))} kB`;
  return bytes < 1e9 ? `${Number((bytes / 1e6).toFixed(3))} MB` : `${Number((bytes / 1e9).toFixed(3))} GB`;
}
