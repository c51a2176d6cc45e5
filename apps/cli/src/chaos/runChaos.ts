import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import type { Bench, CaseResult, ChaosCase, ChaosContext, Fault } from './chaosCase.ts';
import { chaosFarm } from './chaosFarm.ts';
import { drawClip, type Reference, referenceOf } from './reference.ts';

/** A case that takes longer has broken the promise that every job ends. */
const caseLimitMs = 240_000;

export interface ChaosOptions {
  readonly faults: readonly Fault[];
  /** Which of their cases run. */
  wants(one: ChaosCase): boolean;
  readonly seed: number;
  /** Lanes of all kinds that are at work at once. */
  readonly lanes: number;
  readonly signal: AbortSignal;
  onResult(result: CaseResult): void;
  onNote(text: string): void;
}

/** Runs the cases on farms of their own in a scratch folder, which goes when they are done. Results in the order of the cases. */
export async function runChaos(options: ChaosOptions): Promise<CaseResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-chaos-'));
  try {
    const tools = await resolveFfmpeg();
    const clip = join(folder, 'clip.mp4');
    await drawClip(clip, tools);
    const reference = await undisturbed({ folder, clip, tools, signal: options.signal });
    options.onNote(`undisturbed: ${reference.frames} frames, sha256 ${reference.outputSha256}`);
    const context = { folder, clip, tools, seed: options.seed, reference, signal: options.signal };
    const lanes = await Promise.all(options.faults.map((fault) => lanesOf(fault, options)));
    const results = await runLanes(lanes.flat(), { context, options });
    const order = options.faults.flatMap(({ cases }) => cases.map(({ id }) => id));
    return results.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Cases that follow each other on one farm. */
interface Lane {
  readonly name: string;
  readonly fault: Fault;
  readonly cases: readonly ChaosCase[];
  readonly missing: string | null;
}

async function lanesOf(fault: Fault, options: ChaosOptions): Promise<Lane[]> {
  const cases = fault.cases.filter(options.wants);
  if (cases.length === 0) return [];
  const missing = await fault.missing();
  if (missing !== null) return [{ name: fault.kind, fault, cases, missing }];
  const count = Math.min(fault.lanes, cases.length);
  return Array.from({ length: count }, (_, lane) => ({
    name: `${fault.kind}-${options.faults.indexOf(fault)}${lane}`,
    fault,
    cases: cases.filter((_one, at) => at % count === lane),
    missing,
  }));
}

interface Run {
  readonly context: ChaosContext;
  readonly options: ChaosOptions;
}

async function runLanes(lanes: readonly Lane[], run: Run): Promise<CaseResult[]> {
  const waiting = [...lanes];
  const results: CaseResult[] = [];
  const work = async (): Promise<void> => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) {
      for await (const result of laneResults(lane, run)) {
        results.push(result);
        run.options.onResult(result);
      }
    }
  };
  await Promise.all(Array.from({ length: run.options.lanes }, work));
  return results;
}

async function* laneResults(lane: Lane, { context, options }: Run): AsyncGenerator<CaseResult> {
  const { missing } = lane;
  if (missing !== null) {
    for (const one of lane.cases) yield { ...plain(one), outcome: 'not-run', seconds: 0, detail: missing };
    return;
  }
  const folder = join(context.folder, lane.name);
  await mkdir(folder);
  let bench: Bench | undefined;
  try {
    for (const one of lane.cases) {
      if (options.signal.aborted) return;
      const startedMs = performance.now();
      const verdict = await judged(async () => {
        bench ??= await lane.fault.open({ ...context, folder }, lane.cases);
        return bench.run(one, AbortSignal.any([options.signal, AbortSignal.timeout(caseLimitMs)]));
      });
      // what it was stopped in the middle of says nothing
      if (options.signal.aborted) return;
      if (verdict.outcome === 'broken') {
        // the next case finds a farm that nothing is wrong with
        await bench?.close();
        bench = undefined;
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
        await mkdir(folder);
      }
      yield { ...plain(one), ...verdict, seconds: (performance.now() - startedMs) / 1000 };
    }
  } finally {
    await bench?.close();
  }
}

const plain = ({ id, kind, title, isFast }: ChaosCase): ChaosCase => ({ id, kind, title, isFast });

async function judged(work: () => Promise<string>): Promise<Pick<CaseResult, 'outcome' | 'detail'>> {
  try {
    return { outcome: 'held', detail: await work() };
  } catch (thrown) {
    return { outcome: 'broken', detail: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

async function undisturbed(facts: {
  folder: string;
  clip: string;
  tools: FfmpegTools;
  signal: AbortSignal;
}): Promise<Reference> {
  const folder = join(facts.folder, 'undisturbed');
  const outputFolder = join(folder, 'out');
  await mkdir(outputFolder, { recursive: true });
  const farm = chaosFarm(folder);
  try {
    await farm.start();
    await farm.addAgent({ name: 'one' }, facts.signal);
    const jobId = await farm.submit(facts.clip, outputFolder);
    return await referenceOf(await farm.untilFinal(String(jobId), facts.signal), facts);
  } finally {
    await farm.close();
  }
}
