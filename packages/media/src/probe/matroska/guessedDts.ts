/**
 * Decode times as FFmpeg guesses them for a container that states none: the earliest of the times a decoder holds back,
 * this one among them; NaN until it holds as many as it may.
 * @param delay frames the decoder holds back
 */
export function guessedDts(pts: readonly number[], delay: number): number[] {
  const held: number[] = [];
  return pts.map((time) => {
    let at = held.length;
    while (at > 0 && (held[at - 1] ?? 0) > time) at -= 1;
    held.splice(at, 0, time);
    return held.length > delay ? (held.shift() ?? Number.NaN) : Number.NaN;
  });
}
