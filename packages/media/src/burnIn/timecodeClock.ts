import type { TimecodeClock } from './burnIn.ts';
import { frameOfTimecode } from './timecode.ts';

/** Rates differ from a whole number by less: 24000/1001 counts as 24. */
const nominalTolerance = 0.002;
/** Faster films are told by time. */
const fastestCount = 240;

/**
 * How the pictures of a film are named: frame by frame where they come steadily at a rate that can be counted, else by
 * their time. A source without timecode starts at zero, drop-frame at 29.97 and 59.94.
 * @param steadyRate frames per second where they are evenly spaced, else null
 */
export function timecodeClock(timecode: string | null, steadyRate: number | null, averageRate: number): TimecodeClock {
  const framesPerSecond = steadyRate === null ? 0 : Math.round(steadyRate);
  const isCountable =
    steadyRate !== null &&
    framesPerSecond >= 1 &&
    framesPerSecond <= fastestCount &&
    Math.abs(steadyRate / framesPerSecond - 1) <= nominalTolerance;
  if (!isCountable) return { kind: 'time', startMilliseconds: millisecondsOf(timecode, averageRate) };
  const canDrop = (framesPerSecond === 30 || framesPerSecond === 60) && steadyRate < framesPerSecond * 0.9995;
  const dropFrame = canDrop && (timecode === null || /[;.,]/.test(timecode));
  const count = { framesPerSecond, dropFrame };
  return { kind: 'frames', startFrame: timecode === null ? 0 : frameOfTimecode(timecode, count), ...count };
}

function millisecondsOf(timecode: string | null, averageRate: number): number {
  if (timecode === null) return 0;
  const framesPerSecond = Math.max(1, Math.round(averageRate));
  const frame = frameOfTimecode(timecode, { framesPerSecond, dropFrame: false });
  return Math.round((1000 * frame) / framesPerSecond);
}
