import { assertNever, type RateControl } from '@reelmill/protocol';
import type { HardwareFamily } from './hardwareEncoders.ts';

type Quality = Extract<RateControl, { mode: 'constant-quality' }>;
type Capped = Extract<RateControl, { mode: 'capped-quality' }>;
type Bitrate = Extract<RateControl, { mode: 'bitrate' }>;

/** How a family is told its rate; null: it has no such mode. */
interface RateOptions {
  readonly quality: (rate: Quality) => string[];
  readonly capped: ((rate: Capped) => string[]) | null;
  readonly bitrate: (rate: Bitrate) => string[];
}

/** All quantizer-like scales reach from 1 (best; 0 would mean "automatic") to 51. */
const level = ({ crf }: { readonly crf: number }): string => String(Math.min(51, Math.max(1, Math.round(crf))));
const isConstant = ({ bitrate, maxBitrate }: Bitrate): boolean => bitrate === maxBitrate;
const limits = ({ maxBitrate, bufferBits }: { readonly maxBitrate: number; readonly bufferBits: number }): string[] => [
  ...['-maxrate', String(maxBitrate), '-bufsize', String(bufferBits)],
];
const average = (rate: Bitrate): string[] => ['-b:v', String(rate.bitrate), ...limits(rate)];

/** `ffmpeg -h encoder=h264_nvenc`: `-cq` is the target quality of VBR; a bit rate of 0 leaves it unbounded. */
const nvenc: RateOptions = {
  quality: (rate) => ['-rc', 'vbr', '-cq', level(rate), '-b:v', '0'],
  capped: (rate) => ['-rc', 'vbr', '-cq', level(rate), '-b:v', '0', ...limits(rate)],
  bitrate: (rate) => ['-rc', isConstant(rate) ? 'cbr' : 'vbr', ...average(rate)],
};

/**
 * https://ffmpeg.org/ffmpeg-codecs.html#QSV-Encoders: the mode follows from the options. `global_quality` alone is ICQ;
 * with a maximum that differs from the average it is QVBR, so the average lies below.
 */
const qsv: RateOptions = {
  quality: (rate) => ['-global_quality', level(rate), '-b:v', '0'],
  capped: (rate) => [
    ...['-global_quality', level(rate), '-b:v', String(Math.floor(rate.maxBitrate * 0.75))],
    ...limits(rate),
  ],
  bitrate: average,
};

/**
 * https://ffmpeg.org/ffmpeg-codecs.html#VAAPI-encoders, `rc_mode`: CQP is what every driver has, QVBR takes quality,
 * average and maximum.
 */
const vaapi: RateOptions = {
  quality: (rate) => ['-rc_mode', 'CQP', '-qp', level(rate)],
  capped: (rate) => [
    ...['-rc_mode', 'QVBR', '-global_quality', level(rate), '-b:v', String(rate.maxBitrate)],
    ...limits(rate),
  ],
  bitrate: (rate) => ['-rc_mode', isConstant(rate) ? 'CBR' : 'VBR', ...average(rate)],
};

/**
 * `-q:v` of VideoToolbox is 1 (worst) to 100 (libavcodec/videotoolboxenc.c); the line through CRF 20 → 65 is a rule of
 * thumb, not measured. It has no quality with a cap.
 */
const videotoolbox: RateOptions = {
  quality: ({ crf }) => ['-q:v', String(Math.min(100, Math.max(1, Math.round(105 - 2 * crf))))],
  capped: null,
  bitrate: average,
};

/** https://ffmpeg.org/ffmpeg-codecs.html#AMF-Encoders, `rc`; its quality with a cap (`qvbr`) is not in FFmpeg 5. */
const amf: RateOptions = {
  quality: (rate) => ['-rc', 'cqp', '-qp_i', level(rate), '-qp_p', level(rate)],
  capped: null,
  bitrate: (rate) => ['-rc', isConstant(rate) ? 'cbr' : 'vbr_peak', ...average(rate)],
};

const options: Readonly<Record<HardwareFamily, RateOptions>> = { nvenc, qsv, vaapi, videotoolbox, amf };

/** Rate control of a hardware encoder from the fields of a preset; null where the family has no such mode. */
export function hardwareRateArgs(family: HardwareFamily, rate: RateControl): string[] | null {
  switch (rate.mode) {
    case 'constant-quality':
      return options[family].quality(rate);
    case 'capped-quality':
      return options[family].capped?.(rate) ?? null;
    case 'bitrate':
      return options[family].bitrate(rate);
    case 'target-size':
      // the passes of a device share no statistics
      return null;
    default:
      return assertNever(rate);
  }
}
