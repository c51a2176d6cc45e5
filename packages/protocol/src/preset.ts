import { z } from 'zod';
import { RenditionId } from './ids.ts';
import { packageOutputId } from './package.ts';
import { VideoSettings } from './videoSettings.ts';

/** How loud a whole track becomes (EBU R 128, measured as ITU-R BS.1770 says). */
export const Loudness = z.strictObject({
  /** LUFS of the whole track: -23 in broadcasting, -14 to -16 on the web. */
  integratedLufs: z.number().min(-50).max(-5),
  /** Highest true peak of the output, dBTP. */
  truePeakDb: z.number().min(-9).max(0).default(-1),
  /** Widest loudness range, LU; null: as wide as it is. */
  rangeLu: z.number().min(1).max(50).nullable().default(null),
});
export type Loudness = z.infer<typeof Loudness>;

const bitrate = z.number().int().min(8_000).max(512_000);
/** null: as loud as the source. */
const loudness = Loudness.nullable().default(null);
export const AudioSettings = z.discriminatedUnion('codec', [
  /** Bits per second of stereo; mono gets half. */
  z.strictObject({ codec: z.literal('aac'), bitrate, maxChannels: z.literal(2), loudness }),
  z.strictObject({ codec: z.literal('opus'), bitrate, maxChannels: z.literal(2), loudness }),
  z.strictObject({ codec: z.literal('pcm'), loudness }),
  z.strictObject({ codec: z.literal('flac'), loudness }),
]);
export type AudioSettings = z.infer<typeof AudioSettings>;

/** What a file of a rendition may be; also its extension. */
export const OutputContainer = z.enum(['mp4', 'mov', 'mkv', 'webm', 'm4a', 'flac', 'wav']);
export type OutputContainer = z.infer<typeof OutputContainer>;

/** What each container holds, of the codecs there are: the pairs that are tested. */
const containerCodecs: Readonly<Record<OutputContainer, readonly (VideoSettings['codec'] | AudioSettings['codec'])[]>> =
  {
    mp4: ['h264', 'hevc', 'av1', 'aac'],
    mov: ['h264', 'hevc', 'prores', 'dnxhr', 'aac', 'pcm'],
    mkv: ['h264', 'hevc', 'av1', 'vp9', 'ffv1', 'aac', 'opus', 'pcm', 'flac'],
    webm: ['av1', 'vp9', 'opus'],
    m4a: ['aac'],
    flac: ['flac'],
    wav: ['pcm'],
  };

/** Files of sound alone. */
const soundContainers: readonly OutputContainer[] = ['m4a', 'flac', 'wav'];

/** One named set of output settings: data in resources/presets or in a `.reelpreset` file, never code. */
export const Preset = z
  .strictObject({
    id: RenditionId,
    name: z.string().min(1).max(60),
    description: z.string().max(300),
    container: OutputContainer,
    /** null: the output holds one track of sound and no picture. */
    video: VideoSettings.nullable(),
    audio: AudioSettings,
    /** Encoder threads: a constant of the preset, never of the node (bytes depend on it). */
    threads: z.number().int().min(1).max(64),
  })
  .superRefine((preset, context) => {
    const { video } = preset;
    if (preset.id === packageOutputId) {
      context.addIssue({ code: 'custom', path: ['id'], message: `${packageOutputId} is the name of packages` });
    }
    if ((video === null) !== soundContainers.includes(preset.container)) {
      const message = video === null ? `sound alone goes into ${soundContainers.join(', ')}` : 'it holds sound alone';
      context.addIssue({ code: 'custom', path: ['container'], message });
      return;
    }
    if (video !== null && video.codec !== 'ffv1' && video.fit !== 'inside' && video.box === null) {
      context.addIssue({ code: 'custom', path: ['video', 'box'], message: `fit ${video.fit} needs a box` });
    }
    if (video !== null && 'encoder' in video && video.encoder === 'hardware') {
      const message = 'hardware encoders take no target size and no text in the picture';
      const asked = video.rate.mode === 'target-size' || video.burnTimecode !== null || video.burnSubtitle !== null;
      if (asked) context.addIssue({ code: 'custom', path: ['video', 'encoder'], message });
    }
    const held = containerCodecs[preset.container];
    for (const part of ['video', 'audio'] as const) {
      const codec = preset[part]?.codec;
      if (codec === undefined || held.includes(codec)) continue;
      const message = `${preset.container} does not hold ${codec}; it holds ${held.join(', ')}`;
      context.addIssue({ code: 'custom', path: [part, 'codec'], message });
    }
  });
export type Preset = z.infer<typeof Preset>;
/** One that renders a picture. */
export type FilmPreset = Preset & { readonly video: VideoSettings };

/** Whether it renders a picture; else sound alone. */
export const hasPicture = (preset: Preset): preset is FilmPreset => preset.video !== null;

/** Of a `.reelpreset` file; raised when an older reader would misread a newer file. */
export const presetSchemaVersion = 1;
