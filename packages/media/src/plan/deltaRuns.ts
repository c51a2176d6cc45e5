import type { DeltaRuns } from '../manifest.ts';

/** Run-length encoded differences of ascending times: n times give n - 1 differences. */
export function deltaRuns(times: readonly number[]): DeltaRuns {
  const runs: DeltaRuns = [];
  for (let at = 1; at < times.length; at += 1) {
    const delta = (times[at] ?? 0) - (times[at - 1] ?? 0);
    const last = runs.at(-1);
    if (last && last[0] === delta) last[1] += 1;
    else runs.push([delta, 1]);
  }
  return runs;
}

/** The times again: `first` and what the runs add to it. */
export function timesOf(first: number, runs: DeltaRuns): number[] {
  const times = [first];
  let time = first;
  for (const [delta, count] of runs) {
    for (let repeat = 0; repeat < count; repeat += 1) {
      time += delta;
      times.push(time);
    }
  }
  return times;
}
