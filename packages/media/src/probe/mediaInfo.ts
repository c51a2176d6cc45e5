import { z } from 'zod';
import { Rational } from '../manifest.ts';
import { Hdr10 } from './hdr10.ts';
import { SourceExtras, TrackLabels } from './sourceExtras.ts';

/** The video track a render is made of. Times in ticks of `timeBase`. */
export const VideoTrack = z.object({
  /** Stream number in the file. */
  index: z.number().int().nonnegative(),
  codec: z.string(),
  profile: z.string().nullable(),
  pixelFormat: z.string(),
  /** Coded size, before rotation and pixel aspect. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  sampleAspectRatio: Rational,
  timeBase: Rational,
  /** Average rate, frames per second; null where the container states none. */
  averageFrameRate: z.number().positive().nullable(),
  /** `progressive`, `tt`, `bb`, `tb`, `bt`; null where unknown. */
  fieldOrder: z.string().nullable(),
  /** How a player turns the coded picture: 0, 90, 180 or 270 degrees clockwise. */
  rotationClockwise: z.number().int(),
  /** The display matrix also mirrors: no turn alone shows the picture as a player does. */
  mirrored: z.boolean().default(false),
  colorRange: z.string().nullable(),
  colorSpace: z.string().nullable(),
  colorTransfer: z.string().nullable(),
  colorPrimaries: z.string().nullable(),
  /** null: none, or not HDR. */
  hdr10: Hdr10.nullable(),
  /** Frames the header promises; null where it states none. */
  headerFrames: z.number().int().nullable(),
  /** As the header states it; null where it states none. */
  durationSeconds: z.number().nullable(),
  bitRate: z.number().nullable(),
});
export type VideoTrack = z.infer<typeof VideoTrack>;

/** One audio track; fits the `AudioTrack` of audio/. */
export const AudioTrackInfo = z.object({
  index: z.number().int().nonnegative(),
  codec: z.string(),
  sampleFormat: z.string(),
  bitsPerRawSample: z.number().int().nullable(),
  sampleRate: z.number().int().positive(),
  channels: z.number().int().positive(),
  isDefault: z.boolean(),
  timeBase: Rational.nullable(),
  /** First decoded sample, container's own time. */
  startSeconds: z.number(),
  durationSeconds: z.number().nullable(),
  /** FFmpeg's name, e.g. `5.1(side)`; null where unknown. */
  channelLayout: z.string().nullable(),
  /** False: not one sample of its beginning could be decoded. */
  hasSamples: z.boolean(),
  labels: TrackLabels,
});
export type AudioTrackInfo = z.infer<typeof AudioTrackInfo>;

/** What FFprobe tells of a file for a preset that takes its sound alone. */
export const SoundInfo = z.object({
  demuxer: z.string(),
  sizeBytes: z.number().int(),
  /** `start_time` of the container: the zero of `-ss`. */
  containerStartSeconds: z.number(),
  durationSeconds: z.number().nullable(),
  videoTracks: z.number().int(),
  audioTracks: z.array(AudioTrackInfo),
  subtitleTracks: z.number().int(),
  chapters: z.number().int(),
  extras: SourceExtras,
});
export type SoundInfo = z.infer<typeof SoundInfo>;

/** What FFprobe tells of a file, without its packets. Kept as an object of the job. */
export const MediaInfo = SoundInfo.extend({ video: VideoTrack });
export type MediaInfo = z.infer<typeof MediaInfo>;
