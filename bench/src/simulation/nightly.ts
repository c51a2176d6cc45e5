import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { runOnThreads, seedTasks } from './seedPool.ts';
import type { FoundFault, SeedTask } from './seedTasks.ts';

/** What a nightly run has behind it; another commit starts anew. */
interface NightlyState {
  readonly commit: string;
  nextSeed: number;
  nextCrashSeed: number;
  runs: number;
  seconds: number;
  readonly found: FoundFault[];
}

export interface NightlySize {
  readonly seeds: number;
  /** Seeds of which every death of the coordinator is tried. */
  readonly crashSeeds: number;
  readonly stateFile: URL;
}

/** Threads share this many seeds between two notes of the state. */
const seedsPerNote = 2_000;

/** 1,000,000 seeds and every crash of 100; started again after an end it goes on where it was. Returns what it found. */
export async function runNightly({ seeds, crashSeeds, stateFile }: NightlySize): Promise<readonly FoundFault[]> {
  const state = readState(stateFile);
  const take = async (tasks: readonly SeedTask[]): Promise<void> => {
    const startedAt = performance.now();
    for (const result of await runOnThreads(tasks)) {
      state.runs += result.runs;
      state.found.push(...result.found);
      for (const one of result.found) console.log(describeFault(one));
    }
    state.seconds += (performance.now() - startedAt) / 1000;
  };
  while (state.nextCrashSeed <= crashSeeds) {
    await take([{ kind: 'crashes', seed: state.nextCrashSeed }]);
    state.nextCrashSeed += 1;
    note(stateFile, state);
  }
  while (state.nextSeed <= seeds) {
    const last = Math.min(seeds, state.nextSeed + seedsPerNote - 1);
    await take(seedTasks(state.nextSeed, last));
    state.nextSeed = last + 1;
    note(stateFile, state);
    console.log(
      `${last} seeds, ${state.runs} runs, ${state.found.length} broke a promise, ${state.seconds.toFixed(0)} s`,
    );
  }
  return state.found;
}

export const describeFault = ({ seed, fault, hash, where }: FoundFault): string =>
  `seed ${seed}${where === null ? '' : ` (${where})`}: ${fault} · events ${hash}`;

function readState(file: URL): NightlyState {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const fresh: NightlyState = { commit, nextSeed: 1, nextCrashSeed: 1, runs: 0, seconds: 0, found: [] };
  try {
    const known = JSON.parse(readFileSync(file, 'utf8')) as NightlyState;
    return known.commit === commit ? known : fresh;
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return fresh;
    throw cause;
  }
}

/** Wholly or not at all: a run that is killed goes on from the note before. */
function note(file: URL, state: NightlyState): void {
  mkdirSync(dirname(file.pathname), { recursive: true });
  const part = new URL(`${file.href}.part`);
  writeFileSync(part, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(part, file);
}
