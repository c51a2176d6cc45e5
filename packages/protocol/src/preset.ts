import { z } from 'zod';
import { RenditionId } from './ids.ts';

/** x264 speeds a user may ask for with `--set speed=`. */
export const H264Speed = z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow']);
export type H264Speed = z.infer<typeof H264Speed>;

const H264Video = z.object({
  codec: z.literal('h264'),
  speed: H264Speed,
  /** x264 constant rate factor. */
  crf: z.number().min(0).max(51),
  keyframeIntervalFrames: z.number().int().min(1).max(250),
  /** Box the picture must fit, in pixels of a landscape picture; portrait swaps it. Never upscales. */
  box: z.object({ width: z.number().int().positive(), height: z.number().int().positive() }),
});
const ProresVideo = z.object({
  codec: z.literal('prores'),
  profile: z.enum(['proxy', 'lt', 'standard', 'hq']),
  box: z.object({ width: z.number().int().positive(), height: z.number().int().positive() }).nullable(),
});
const Ffv1Video = z.object({
  codec: z.literal('ffv1'),
  /** Coded pixels as they are: no scaling, no rotation, same pixel format. */
  keepCodedPixels: z.literal(true),
});
export const VideoSettings = z.discriminatedUnion('codec', [H264Video, ProresVideo, Ffv1Video]);
export type VideoSettings = z.infer<typeof VideoSettings>;

export const AudioSettings = z.discriminatedUnion('codec', [
  z.object({ codec: z.literal('aac'), bitrate: z.number().int(), maxChannels: z.literal(2) }),
  z.object({ codec: z.literal('pcm') }),
  z.object({ codec: z.literal('flac') }),
]);
export type AudioSettings = z.infer<typeof AudioSettings>;

/** One named set of output settings: data in resources/presets, never code. */
export const Preset = z.object({
  id: RenditionId,
  name: z.string().min(1).max(60),
  description: z.string().max(300),
  container: z.enum(['mp4', 'mov', 'mkv']),
  video: VideoSettings,
  audio: AudioSettings,
  /** Encoder threads: a constant of the preset, never of the node (bytes depend on it). */
  threads: z.number().int().min(1).max(64),
});
export type Preset = z.infer<typeof Preset>;
