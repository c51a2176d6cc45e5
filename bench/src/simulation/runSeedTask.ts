import { createHash } from 'node:crypto';
import { mutants, simulate, simulateEveryCrash } from '@reelmill/scheduler/simulation';
import { type FoundFault, faultOf, type SeedResult, type SeedTask } from './seedTasks.ts';

/** Runs one share of work here, in this thread. */
export function runSeedTask(task: SeedTask): SeedResult {
  switch (task.kind) {
    case 'seeds':
      return runSeeds(task.from, task.count);
    case 'crashes':
      return runCrashes(task.seed);
    case 'mutant':
      return huntMutant(task.name, task.limit);
  }
}

function runSeeds(from: number, count: number): SeedResult {
  const digest = createHash('sha256');
  const found: FoundFault[] = [];
  let steps = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const report = simulate(seed);
    steps += report.steps;
    digest.update(report.hash);
    found.push(...faultOf(report, null));
  }
  return { runs: count, steps, found, digest: digest.digest('hex') };
}

function runCrashes(seed: number): SeedResult {
  const digest = createHash('sha256');
  const found: FoundFault[] = [];
  let [runs, steps] = [0, 0];
  for (const { crashPoint, report } of simulateEveryCrash(seed)) {
    runs += 1;
    steps += report.steps;
    digest.update(report.hash);
    const where = crashPoint && `dies at event ${crashPoint.journalLength}, fsync ${crashPoint.fsync}`;
    found.push(...faultOf(report, where));
  }
  return { runs, steps, found, digest: digest.digest('hex') };
}

function huntMutant(name: string, limit: number): SeedResult {
  const rules = mutants[name];
  if (rules === undefined) throw new Error(`there is no mutant "${name}"`);
  let steps = 0;
  for (let seed = 1; seed <= limit; seed += 1) {
    const report = simulate(seed, { rules });
    steps += report.steps;
    if (report.fault !== null) return { runs: seed, steps, found: faultOf(report, null), digest: report.hash };
  }
  return { runs: limit, steps, found: [], digest: '' };
}
