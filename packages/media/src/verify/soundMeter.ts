/** A minute of decoded sound against the same minute of the source; all channels together. */
export interface SoundMinute {
  readonly minute: number;
  /** Of the difference, dB below full scale; null: there is none. */
  readonly rmsErrorDb: number | null;
  /** 1: the same wave, whatever its loudness; null: at least one of both is silent. */
  readonly correlation: number | null;
  /** How much louder the output is, dB; null as above. */
  readonly gainDb: number | null;
  /** The first sample that differs, counted from the start of the sound; null: none. */
  readonly firstDifference: number | null;
}

export interface SoundMeterForm {
  readonly channels: number;
  readonly sampleRate: number;
  /** What comes behind is counted, not measured. */
  readonly mostSamples: number;
}

interface Sums {
  made: number;
  wanted: number;
  product: number;
  error: number;
  values: number;
  firstDifference: number | null;
}

const noSums = (): Sums => ({ made: 0, wanted: 0, product: 0, error: 0, values: 0, firstDifference: null });

/**
 * Measures sound that comes as 32-bit floats: for each sample all channels of the output, then all of the source.
 * Pure but for its own sums.
 */
export function soundMeter({ channels, sampleRate, mostSamples }: SoundMeterForm) {
  const sampleBytes = 2 * channels * 4;
  const minutes: Sums[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let seen = 0;
  const measure = (values: Float32Array, at: number, sums: Sums): void => {
    for (let channel = 0; channel < channels; channel += 1) {
      const made = values[at + channel] ?? 0;
      const wanted = values[at + channels + channel] ?? 0;
      const error = made - wanted;
      sums.made += made * made;
      sums.wanted += wanted * wanted;
      sums.product += made * wanted;
      sums.error += error * error;
      if (error !== 0) sums.firstDifference ??= seen;
    }
    sums.values += channels;
  };
  return {
    add(bytes: Buffer): void {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const whole = all.length - (all.length % sampleBytes);
      // numbers are read where memory is aligned for them
      const values = new Float32Array(new Uint8Array(all.subarray(0, whole)).buffer);
      rest = Buffer.from(all.subarray(whole));
      for (let at = 0; at < values.length; at += 2 * channels, seen += 1) {
        if (seen >= mostSamples) continue;
        const minute = Math.floor(seen / (60 * sampleRate));
        minutes[minute] ??= noSums();
        measure(values, at, minutes[minute]);
      }
    },
    finish() {
      const measured = minutes.map(minuteOf);
      const isIdentical = measured.every(({ firstDifference }) => firstDifference === null);
      return { samples: Math.min(seen, mostSamples), seen, isIdentical, minutes: measured };
    },
  };
}

/** Sums of squares below this are silence: less than the smallest step of 24 bits. */
const silence = 1e-15;

function minuteOf({ made, wanted, product, error, values, firstDifference }: Sums, minute: number): SoundMinute {
  const isSilent = made / values < silence || wanted / values < silence;
  return {
    minute,
    rmsErrorDb: error === 0 ? null : rounded(10 * Math.log10(error / values), 2),
    correlation: isSilent ? null : rounded(product / Math.sqrt(made * wanted), 6),
    gainDb: isSilent ? null : rounded(10 * Math.log10(made / wanted), 2),
    firstDifference,
  };
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
