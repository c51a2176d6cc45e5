import { sep } from 'node:path';
import type { SchedulerState } from '@reelmill/scheduler';
import { foldName } from '../intake/freeName.ts';

/**
 * Those of `paths` that jobs published or are publishing (the name is journaled before the file has it), files of
 * published folders among them. Walks over all jobs: asked only of what would be picked up otherwise.
 */
export function ownOutputs(state: SchedulerState, paths: readonly string[]): ReadonlySet<string> {
  const wanted = new Map<string, string[]>();
  for (const path of paths) {
    for (const above of selfAndParents(foldName(path))) {
      const same = wanted.get(above);
      if (same === undefined) wanted.set(above, [path]);
      else same.push(path);
    }
  }
  const found = new Set<string>();
  const note = (path: string): void => {
    for (const own of wanted.get(foldName(path)) ?? []) found.add(own);
  };
  if (wanted.size === 0) return found;
  for (const { outputs } of state.jobs.values()) for (const { path } of outputs) note(path);
  return found;
}

function selfAndParents(path: string): string[] {
  const all = [path];
  for (let at = path.lastIndexOf(sep); at > 0; at = path.lastIndexOf(sep, at - 1)) all.push(path.slice(0, at));
  return all;
}
