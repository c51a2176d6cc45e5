import type { EncoderSpeed, RateControl } from '@reelmill/protocol';
import type { HardwareDevice } from '../manifest.ts';
import type { HardwareEncoder, HardwareFamily } from './hardwareEncoders.ts';
import { hardwareRateArgs } from './hardwareRateArgs.ts';

export interface HardwareSettings {
  readonly speed: EncoderSpeed;
  readonly rate: RateControl;
  readonly bitDepth: 8 | 10;
  readonly keyframeIntervalFrames: number;
}

export interface HardwareArgs {
  readonly device: HardwareDevice;
  /** Of the picture before it goes to the device. */
  readonly pixelFormat: string;
  /** After `-c:v`. */
  readonly encoderArgs: readonly string[];
}

/**
 * How each device is opened and fed. NVENC, VideoToolbox and AMF take pictures from memory and open their device
 * themselves; VAAPI and QSV get theirs uploaded (https://trac.ffmpeg.org/wiki/Hardware/VAAPI#Encoding,
 * https://trac.ffmpeg.org/wiki/Hardware/QuickSync). `hw` keeps QSV from its own software encoder
 * (https://ffmpeg.org/ffmpeg.html#Advanced-Video-options, `-init_hw_device`).
 */
const devices: Readonly<Record<HardwareFamily, HardwareDevice>> = {
  nvenc: { initArgs: [], uploadFilters: [] },
  videotoolbox: { initArgs: [], uploadFilters: [] },
  amf: { initArgs: [], uploadFilters: [] },
  qsv: {
    initArgs: ['-init_hw_device', 'qsv=device:hw', '-filter_hw_device', 'device'],
    uploadFilters: ['hwupload=extra_hw_frames=64', 'format=qsv'],
  },
  vaapi: {
    initArgs: ['-init_hw_device', 'vaapi=device', '-filter_hw_device', 'device'],
    uploadFilters: ['hwupload'],
  },
};

const nvencPresets: Readonly<Record<EncoderSpeed, string>> = {
  ultrafast: 'p1',
  superfast: 'p1',
  veryfast: 'p2',
  faster: 'p3',
  fast: 'p3',
  medium: 'p4',
  slow: 'p6',
};
const amfQualities: Readonly<Record<EncoderSpeed, string>> = {
  ultrafast: 'speed',
  superfast: 'speed',
  veryfast: 'speed',
  faster: 'balanced',
  fast: 'balanced',
  medium: 'quality',
  slow: 'quality',
};

/** `ffmpeg -h encoder=…` of each; what VAAPI does for speed depends on the driver and VideoToolbox has none in FFmpeg 5. */
const speedArgs: Readonly<Record<HardwareFamily, (speed: EncoderSpeed) => string[]>> = {
  nvenc: (speed) => ['-preset', nvencPresets[speed], '-tune', 'hq'],
  qsv: (speed) => ['-preset', /^(ultra|super)fast$/.test(speed) ? 'veryfast' : speed],
  vaapi: () => [],
  // never its software encoder
  videotoolbox: () => ['-allow_sw', '0'],
  amf: (speed) => ['-usage', 'transcoding', '-quality', amfQualities[speed]],
};

/** AMF's HEVC takes 8 bits only in FFmpeg 5. */
const takesTenBits = ({ family, codec }: HardwareEncoder): boolean => codec !== 'h264' && family !== 'amf';

function profileArgs({ codec }: HardwareEncoder, bitDepth: 8 | 10): string[] {
  if (codec === 'h264') return ['-profile:v', 'high'];
  return codec === 'hevc' ? ['-profile:v', bitDepth === 10 ? 'main10' : 'main', '-tag:v', 'hvc1'] : [];
}

/**
 * Everything FFmpeg is told about a hardware encoder; null where it has no such rate control or bit depth. Never
 * B-frames: without reordering the decode times are the show times, and no driver can get them wrong at a cut.
 */
export function hardwareArgs(encoder: HardwareEncoder, settings: HardwareSettings): HardwareArgs | null {
  const { family } = encoder;
  const { bitDepth, speed, keyframeIntervalFrames } = settings;
  const rate = hardwareRateArgs(family, settings.rate);
  if (rate === null || (bitDepth === 10 && !takesTenBits(encoder))) return null;
  return {
    device: devices[family],
    pixelFormat: bitDepth === 10 ? 'p010le' : family === 'nvenc' ? 'yuv420p' : 'nv12',
    encoderArgs: [
      ...[...speedArgs[family](speed), ...profileArgs(encoder, bitDepth), ...rate],
      ...['-g', String(keyframeIntervalFrames), '-bf', '0'],
    ],
  };
}
