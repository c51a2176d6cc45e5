/** A kind of device with its own way to be opened and fed. */
export type HardwareFamily = 'nvenc' | 'qsv' | 'vaapi' | 'videotoolbox' | 'amf';

export interface HardwareEncoder {
  /** FFmpeg's name of it. */
  readonly name: string;
  readonly codec: 'h264' | 'hevc' | 'av1';
  readonly family: HardwareFamily;
}

/** In order of preference where a farm offers several alike. https://ffmpeg.org/ffmpeg-codecs.html#Video-Encoders */
const hardwareEncoders: readonly HardwareEncoder[] = [
  { name: 'h264_nvenc', codec: 'h264', family: 'nvenc' },
  { name: 'hevc_nvenc', codec: 'hevc', family: 'nvenc' },
  { name: 'av1_nvenc', codec: 'av1', family: 'nvenc' },
  { name: 'h264_qsv', codec: 'h264', family: 'qsv' },
  { name: 'hevc_qsv', codec: 'hevc', family: 'qsv' },
  { name: 'h264_videotoolbox', codec: 'h264', family: 'videotoolbox' },
  { name: 'hevc_videotoolbox', codec: 'hevc', family: 'videotoolbox' },
  { name: 'h264_amf', codec: 'h264', family: 'amf' },
  { name: 'hevc_amf', codec: 'hevc', family: 'amf' },
  { name: 'h264_vaapi', codec: 'h264', family: 'vaapi' },
  { name: 'hevc_vaapi', codec: 'hevc', family: 'vaapi' },
];

/** Where FFmpeg's table of hardware has an encoder: https://trac.ffmpeg.org/wiki/HWAccelIntro#PlatformAPIAvailability */
const platforms: Readonly<Record<HardwareFamily, readonly NodeJS.Platform[]>> = {
  nvenc: ['linux', 'win32'],
  qsv: ['linux', 'win32'],
  vaapi: ['linux'],
  videotoolbox: ['darwin'],
  amf: ['linux', 'win32'],
};

/** The encoder of that name, or undefined where it is none of hardware. */
export const hardwareEncoderNamed = (name: string): HardwareEncoder | undefined =>
  hardwareEncoders.find((encoder) => encoder.name === name);

/** Those worth trying: listed by this FFmpeg and possible on this system. In order of preference. */
export const hardwareEncodersOf = (listed: readonly string[], platform: NodeJS.Platform): HardwareEncoder[] =>
  hardwareEncoders.filter(({ name, family }) => listed.includes(name) && platforms[family].includes(platform));

/** Where an encoder stands in the order of preference; smaller is better. */
export const hardwarePreference = (name: string): number =>
  hardwareEncoders.findIndex((encoder) => encoder.name === name);
