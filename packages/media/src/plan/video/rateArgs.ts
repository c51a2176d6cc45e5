import { assertNever, type RateControl } from '@reelmill/protocol';

/** Rate control of x264 and x265: the same options in FFmpeg. */
export function rateArgs(rate: RateControl): string[] {
  switch (rate.mode) {
    case 'constant-quality':
      return ['-crf', String(rate.crf)];
    case 'capped-quality':
      return ['-crf', String(rate.crf), ...bufferArgs(rate)];
    case 'bitrate':
      return ['-b:v', String(rate.bitrate), ...bufferArgs(rate)];
    case 'target-size':
      // the bit rate follows once the length of the film and its sound are known
      return [];
    default:
      return assertNever(rate);
  }
}

export function bufferArgs(rate: { readonly maxBitrate: number; readonly bufferBits: number }): string[] {
  return ['-maxrate', String(rate.maxBitrate), '-bufsize', String(rate.bufferBits)];
}
