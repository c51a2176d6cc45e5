import type { Rational } from '../manifest.ts';
import { countUpTo } from '../plan/seekPoint.ts';
import type { PickedFrame } from './stillManifest.ts';

export interface ShownFrames {
  /** Ascending presentation times, ticks of `timeBase`. */
  readonly pts: readonly number[];
  readonly timeBase: Rational;
  /** End of the last frame, ticks. */
  readonly endPts: number;
}

export interface Instants {
  /** Between two instants, seconds. */
  readonly step: Rational;
  /** First instant and end of the stretch, seconds after the first frame; default: the whole film. */
  readonly fromSeconds?: number;
  readonly untilSeconds?: number;
}

/** Clocks of containers are rounded, Matroska's to a millisecond: a frame counts as shown half a tick before its time. */
const mostForgivenSeconds = 0.0005;

/**
 * The frames shown at regular instants: at each instant the last frame that is not later. A frame shown at several of
 * them is picked once.
 */
export function pickShownFrames(film: ShownFrames, { step, fromSeconds = 0, untilSeconds }: Instants): PickedFrame[] {
  const { pts, endPts } = film;
  const ticksPerSecond = film.timeBase.den / film.timeBase.num;
  const start = (pts[0] ?? 0) + fromSeconds * ticksPerSecond;
  const stepTicks = (step.num / step.den) * ticksPerSecond;
  const endSeconds = untilSeconds ?? Number.POSITIVE_INFINITY;
  const forgiven = Math.min(0.5, mostForgivenSeconds * ticksPerSecond);
  const lengthTicks = (endSeconds - fromSeconds) * ticksPerSecond - forgiven;
  const picks: PickedFrame[] = [];
  for (const [frame, time] of pts.entries()) {
    const shownFrom = time - start - forgiven;
    const shownUntil = (pts[frame + 1] ?? endPts) - start - forgiven;
    const instantTicks = Math.max(0, Math.ceil(shownFrom / stepTicks)) * stepTicks;
    if (instantTicks >= Math.min(shownUntil, lengthTicks)) continue;
    picks.push(picked(pts, frame, fromSeconds + instantTicks / ticksPerSecond));
  }
  return picks;
}

/** The frames shown at these instants, seconds after the first frame; each once, in the order given. */
export function pickFramesAt(film: ShownFrames, instants: readonly number[]): PickedFrame[] {
  const { pts, timeBase } = film;
  const numbers = instants.map((seconds) =>
    Math.max(0, countUpTo(pts, (pts[0] ?? 0) + (seconds * timeBase.den) / timeBase.num) - 1),
  );
  return [...new Set(numbers)].map((frame) => picked(pts, frame, instants[numbers.indexOf(frame)] ?? 0));
}

function picked(pts: readonly number[], frame: number, atSeconds: number): PickedFrame {
  const middle = (later: number) => Math.ceil(((pts[later - 1] ?? 0) + (pts[later] ?? 0)) / 2);
  return {
    frame,
    pts: pts[frame] ?? 0,
    fromPts: frame === 0 ? null : middle(frame),
    endPts: frame + 1 < pts.length ? middle(frame + 1) : null,
    atSeconds: Math.round(atSeconds * 1e6) / 1e6,
  };
}
