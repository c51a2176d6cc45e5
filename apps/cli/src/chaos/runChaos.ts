import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import type { Bench, CaseResult, ChaosCase, ChaosContext, Fault } from './chaosCase.ts';
import { chaosFarm } from './chaosFarm.ts';
import { drawClip, type Measure, referenceOf } from './reference.ts';

/** A case that takes longer has broken the promise that every job ends. */
const caseLimitMs = 240_000;

export interface ChaosOptions {
  readonly faults: readonly Fault[];
  /** Which of their cases run. */
  wants(one: ChaosCase): boolean;
  readonly seed: number;
  /** Clip and undisturbed run of somebody else; null: they are made first. */
  readonly measure: Measure | null;
  /** See `ChaosContext`. */
  readonly bucket: string | null;
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
    const measure = options.measure ?? (await measured(folder, { tools, signal: options.signal }));
    const { frames, outputSha256 } = measure.reference;
    options.onNote(`undisturbed: ${frames} frames, sha256 ${outputSha256}`);
    const context = { ...measure, folder, tools, seed: options.seed, signal: options.signal, bucket: options.bucket };
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
  const missing = await fault.missing(options);
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

/** Draws the clip and renders it with nothing in the way. */
async function measured(
  suiteFolder: string,
  { tools, signal }: { tools: FfmpegTools; signal: AbortSignal },
): Promise<Measure> {
  const clip = join(suiteFolder, 'clip.mp4');
  await drawClip(clip, tools);
  const folder = join(suiteFolder, 'undisturbed');
  const outputFolder = join(folder, 'out');
  await mkdir(outputFolder, { recursive: true });
  const farm = chaosFarm(folder);
  try {
    await farm.start();
    await farm.addAgent({ name: 'one' }, signal);
    const jobId = await farm.submit(clip, outputFolder);
    const job = await farm.untilFinal(String(jobId), signal);
    return { clip, reference: await referenceOf(job, { clip, tools, signal }) };
  } finally {
    await farm.close();
  }
}
