import type { EncodeSpec, Rational } from '../manifest.ts';
import type { Pass } from './passArgs.ts';

/**
 * The encoder's clock in one of two passes; undefined: that of the plan. FFmpeg tells libvpx that every frame lasts one
 * tick, and libvpx takes the sum for the length of the film. So its first pass counts frames on a clock of their average
 * length (its times are thrown away), and the second one keeps the times on the coarsest clock that has them all.
 */
export function passClock({ chunk, timeBase, video }: EncodeSpec, pass: Pass | undefined): Rational | undefined {
  if (pass === undefined || video.encoder !== 'libvpx-vp9') return undefined;
  if (pass.number === 1) {
    const seconds = (chunk.durationTicks * timeBase.num) / timeBase.den / (chunk.end - chunk.first);
    return { num: Math.max(1, Math.round(seconds * 1e6)), den: 1_000_000 };
  }
  const ticks = chunk.deltas.reduce((divisor, [delta]) => greatestCommonDivisor(divisor, delta), 0);
  return { num: Math.max(1, ticks) * timeBase.num, den: timeBase.den };
}

/** Frame n at tick n of that clock, in the pass whose times nobody sees. */
export function passFilters(spec: EncodeSpec, pass: Pass | undefined): string[] {
  const clock = pass?.number === 1 ? passClock(spec, pass) : undefined;
  return clock === undefined ? [] : [`settb=${clock.num}/${clock.den}`, 'setpts=N'];
}

const greatestCommonDivisor = (one: number, other: number): number =>
  other === 0 ? one : greatestCommonDivisor(other, one % other);
