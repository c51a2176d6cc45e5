import { z } from 'zod';
import { RenditionId } from './ids.ts';
import { VideoSettings } from './videoSettings.ts';

const bitrate = z.number().int().min(8_000).max(512_000);
export const AudioSettings = z.discriminatedUnion('codec', [
  /** Bits per second of stereo; mono gets half. */
  z.strictObject({ codec: z.literal('aac'), bitrate, maxChannels: z.literal(2) }),
  z.strictObject({ codec: z.literal('opus'), bitrate, maxChannels: z.literal(2) }),
  z.strictObject({ codec: z.literal('pcm') }),
  z.strictObject({ codec: z.literal('flac') }),
]);
export type AudioSettings = z.infer<typeof AudioSettings>;

/** What a file of a rendition may be; also its extension. */
export const OutputContainer = z.enum(['mp4', 'mov', 'mkv', 'webm']);
export type OutputContainer = z.infer<typeof OutputContainer>;

/** What each container holds, of the codecs there are: the pairs that are tested. */
const containerCodecs: Readonly<Record<OutputContainer, readonly (VideoSettings['codec'] | AudioSettings['codec'])[]>> =
  {
    mp4: ['h264', 'hevc', 'av1', 'aac'],
    mov: ['h264', 'hevc', 'prores', 'dnxhr', 'aac', 'pcm'],
    mkv: ['h264', 'hevc', 'av1', 'vp9', 'ffv1', 'aac', 'opus', 'pcm', 'flac'],
    webm: ['av1', 'vp9', 'opus'],
  };

/** One named set of output settings: data in resources/presets or in a `.reelpreset` file, never code. */
export const Preset = z
  .strictObject({
    id: RenditionId,
    name: z.string().min(1).max(60),
    description: z.string().max(300),
    container: OutputContainer,
    video: VideoSettings,
    audio: AudioSettings,
    /** Encoder threads: a constant of the preset, never of the node (bytes depend on it). */
    threads: z.number().int().min(1).max(64),
  })
  .superRefine((preset, context) => {
    const { video } = preset;
    if (video.codec !== 'ffv1' && video.fit !== 'inside' && video.box === null) {
      context.addIssue({ code: 'custom', path: ['video', 'box'], message: `fit ${video.fit} needs a box` });
    }
    if ('encoder' in video && video.encoder === 'hardware' && video.rate.mode === 'target-size') {
      context.addIssue({
        code: 'custom',
        path: ['video', 'encoder'],
        message: 'a target size needs the software encoder',
      });
    }
    const held = containerCodecs[preset.container];
    for (const part of ['video', 'audio'] as const) {
      const { codec } = preset[part];
      if (held.includes(codec)) continue;
      const message = `${preset.container} does not hold ${codec}; it holds ${held.join(', ')}`;
      context.addIssue({ code: 'custom', path: [part, 'codec'], message });
    }
  });
export type Preset = z.infer<typeof Preset>;

/** Of a `.reelpreset` file; raised when an older reader would misread a newer file. */
export const presetSchemaVersion = 1;
