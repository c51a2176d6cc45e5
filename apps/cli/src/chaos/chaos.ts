import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { exitCodes, FarmError } from '@reelmill/protocol';
import type { ChaosCommandOptions } from '../commands/chaosCommand.ts';
import { interruption } from '../farm/interruption.ts';
import { formatTable } from '../output/formatTable.ts';
import { type CaseResult, type ChaosCase, type FaultKind, faultKinds } from './chaosCase.ts';
import { faults } from './faults.ts';
import { prepareNetwork } from './kinds/partitions.ts';
import { runChaos } from './runChaos.ts';

/** `reelmill chaos`: returns the exit code. Throws USAGE for a kind or case that there is none of. */
export async function chaos(options: ChaosCommandOptions): Promise<number> {
  const wants = wantedBy(options);
  if (options.list) return list(options, wants);
  const seed = options.seed ?? randomInt(2 ** 31);
  const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const note = (text: string): void => void process.stderr.write(`${text}\n`);
  note(`seed ${seed}`);
  const measure = await prepareNetwork();
  const stop = interruption();
  if (options.exitWithParent) process.stdin.resume().once('end', () => process.kill(process.pid, 'SIGTERM'));
  try {
    const results = await runChaos({
      faults,
      wants,
      seed,
      measure,
      lanes: options.lanes,
      bucket: options.bucket ?? null,
      signal: stop.signal,
      onNote: note,
      onResult: (result) => {
        if (options.json) write({ type: 'case', ...result });
        note(`${marks[result.outcome]} ${result.id}  ${result.seconds.toFixed(1)} s  ${result.detail}`);
      },
    });
    if (!options.json) process.stdout.write(`\n${tableOf(results)}`);
    if (options.results !== undefined) {
      await writeFile(options.results, `${JSON.stringify({ seed, ...countsOf(results), results }, null, 2)}\n`);
    }
    if (stop.signal.aborted) return exitCodes.interrupted;
    return results.some(({ outcome }) => outcome === 'broken') ? exitCodes.jobFailed : exitCodes.done;
  } finally {
    stop.dispose();
    if (options.exitWithParent) process.stdin.destroy();
  }
}

const marks = { held: '✓', broken: '✗', 'not-run': '-' } as const;

function wantedBy({ cases, all }: ChaosCommandOptions): (one: ChaosCase) => boolean {
  const known = new Set<string>([...faultKinds, ...faults.flatMap((fault) => fault.cases.map(({ id }) => id))]);
  const unknown = cases.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new FarmError('USAGE', { message: `There is no kind of fault and no case called ${unknown}.` });
  }
  return (one) => {
    if (cases.includes(one.id)) return true;
    const isOfKind = cases.length === 0 || cases.includes(one.kind satisfies FaultKind);
    return isOfKind && (all === true || one.isFast);
  };
}

function list({ json }: ChaosCommandOptions, wants: (one: ChaosCase) => boolean): number {
  const cases = faults.flatMap((fault) => fault.cases).filter(wants);
  for (const { id, kind, title, isFast } of cases) {
    process.stdout.write(json ? `${JSON.stringify({ type: 'case', id, kind, title, isFast })}\n` : `${id}  ${title}\n`);
  }
  return exitCodes.done;
}

const countsOf = (results: readonly CaseResult[]) => ({
  held: results.filter(({ outcome }) => outcome === 'held').length,
  broken: results.filter(({ outcome }) => outcome === 'broken').length,
  notRun: results.filter(({ outcome }) => outcome === 'not-run').length,
});

/** The kinds with their counts, then by name what broke and what did not run. */
function tableOf(results: readonly CaseResult[]): string {
  const rows = faultKinds
    .map((kind) => ({ kind, own: results.filter((result) => result.kind === kind) }))
    .filter(({ own }) => own.length > 0)
    .map(({ kind, own }) => {
      const { held, broken, notRun } = countsOf(own);
      return [kind, held, broken, notRun, own.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(0)].map(String);
    });
  const named = results
    .filter(({ outcome }) => outcome !== 'held')
    .map(({ outcome, id, detail }) => `${outcome === 'broken' ? 'BROKEN ' : 'not run'}  ${id}: ${detail}\n`);
  return formatTable(['FAULT', 'HELD', 'BROKEN', 'NOT RUN', 'SECONDS'], rows) + named.join('');
}
