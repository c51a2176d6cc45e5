import { parseArgs } from 'node:util';
import { mutants, simulate } from '@reelmill/scheduler/simulation';
import { describeFault, runNightly } from './nightly.ts';
import { runSeedTask } from './runSeedTask.ts';
import { runOnThreads, seedTasks } from './seedPool.ts';
import type { FoundFault, SeedResult } from './seedTasks.ts';

const usage = `npm run sim -- [--from N] [--seeds N]      seeds from N on (default: 1, 1000), on all CPUs
npm run sim -- --seed N [--trace]          one seed; with every decision and fault
npm run sim -- --seed N --crashes          that seed with the coordinator dying at every event of its journal
npm run sim -- --mutant TEXT [--seed N --trace]   the planted faults whose name holds TEXT
npm run sim:nightly                        1,000,000 seeds, and every crash of 100; goes on where it was`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1000' },
    mutant: { type: 'string' },
    trace: { type: 'boolean', default: false },
    crashes: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function tell(found: readonly FoundFault[], result: Pick<SeedResult, 'runs' | 'steps'>, startedAt: number): void {
  for (const one of found) console.log(describeFault(one));
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = Math.round(result.runs / seconds);
  console.log(
    `${result.runs} runs, ${result.steps} steps, ${found.length} broke a promise, ${seconds.toFixed(1)} s, ${rate}/s`,
  );
  if (found.length > 0) process.exitCode = 1;
}

function runOne(seed: number): void {
  const rules = values.mutant === undefined ? undefined : matching(values.mutant)[0]?.[1];
  const trace = values.trace ? (line: string) => console.log(line) : undefined;
  const report = simulate(seed, { ...(rules && { rules }), ...(trace && { trace }) });
  console.log(`seed ${seed}: ${report.fault ?? 'every promise held'} · events ${report.hash}, ${report.steps} steps`);
  if (report.fault !== null) process.exitCode = 1;
}

const matching = (text: string) => Object.entries(mutants).filter(([name]) => name.includes(text));

async function huntMutants(text: string): Promise<void> {
  const tasks = matching(text).map(([name]) => ({ kind: 'mutant', name, limit: 2_000 }) as const);
  const results = await runOnThreads(tasks);
  for (const [index, { found, runs }] of results.entries()) {
    const [first] = found;
    console.log(`${first === undefined ? `SURVIVED ${runs}` : `${first.seed}`.padStart(13)}  ${tasks[index]?.name}`);
    if (first !== undefined) console.log(`               ${first.fault}`);
    else process.exitCode = 1;
  }
}

async function runMany(from: number, count: number): Promise<void> {
  const startedAt = performance.now();
  const results = await runOnThreads(seedTasks(from, from + count - 1));
  const steps = results.reduce((sum, result) => sum + result.steps, 0);
  tell(
    results.flatMap(({ found }) => found),
    { runs: count, steps },
    startedAt,
  );
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  if (values.help) return console.log(usage);
  if (positionals[0] === 'nightly') {
    const stateFile = new URL('../../results/nightly-simulation.json', import.meta.url);
    const found = await runNightly({ seeds: 1_000_000, crashSeeds: 100, stateFile });
    process.exitCode = found.length === 0 ? 0 : 1;
    return;
  }
  const seed = values.seed === undefined ? null : Number(values.seed);
  if (seed !== null && values.crashes) {
    const result = runSeedTask({ kind: 'crashes', seed });
    return tell(result.found, result, startedAt);
  }
  if (seed !== null) return runOne(seed);
  if (values.mutant !== undefined) return huntMutants(values.mutant);
  return runMany(Number(values.from), Number(values.seeds));
}

await main();
