import { resolve } from 'node:path';
import { findPreset, loadAllPresets, userPresetsFolder } from '@reelmill/media';
import { exitCodes, FarmError, type FarmView, type JobView, toFarmError } from '@reelmill/protocol';
import { requireInputs, sequenceOptions } from './commands/options.ts';
import type { RenderOptions } from './commands/renderCommand.ts';
import { defaultDataFolder, renderScratchFolder } from './farm/dataFolders.ts';
import { isFinal, projectionFeed, untilFinal } from './farm/followFarm.ts';
import { interruption } from './farm/interruption.ts';
import { type OneShotFarm, openOneShotFarm, removeScratch, slotsPerAgent } from './farm/oneShotFarm.ts';
import { refuseHopeless } from './farm/refuseHopeless.ts';
import { submitOrResume } from './farm/submitOrResume.ts';
import { eventLines } from './output/eventLines.ts';
import { jobLine } from './output/jobLine.ts';
import { formatError } from './output/printError.ts';
import { boardFor } from './output/progressBoard.ts';

/** One command, one farm: returns the exit code. Throws FarmError for wrong usage. */
export async function render(inputs: readonly string[], options: RenderOptions): Promise<number> {
  requireInputs(inputs);
  const known = await loadAllPresets(userPresetsFolder(defaultDataFolder()));
  const presets = options.preset.map((id) => findPreset(known, id));
  const paths = inputs.map((input) => resolve(input));
  const facts = {
    paths,
    presets,
    out: resolve(options.out),
    set: options.set,
    chunkSeconds: options.chunkSeconds,
    threads: options.threads,
    package: options.package,
    segmentSeconds: options.segmentSeconds,
    ...sequenceOptions(options),
  };
  const dataDir = renderScratchFolder(facts);
  if (options.fresh) await removeScratch(dataDir);
  const stop = interruption();
  const threads = options.threads ?? Math.max(...presets.map((preset) => preset.threads));
  const slots = slotsPerAgent(options.agents, threads);
  const farm = await openOneShotFarm({ dataDir, agents: options.agents, slotsPerAgent: slots });
  try {
    const jobs = await Promise.race([
      runJobs(farm, paths, options, slots * options.agents),
      farm.agents.allGivenUp,
      whenAborted(stop.signal),
    ]);
    await farm.close();
    if (!jobs.some(isResumable)) await removeScratch(dataDir);
    return jobs.every((job) => job.state === 'done') ? exitCodes.done : exitCodes.jobFailed;
  } catch (thrown) {
    await farm.close();
    throw toFarmError(thrown);
  } finally {
    stop.dispose();
  }
}

/** A failed job with finished chunks is worth its scratch; anything else starts anew for free. */
const isResumable = (job: JobView): boolean => job.state !== 'done' && job.chunksDone > 0;

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new FarmError('INTERRUPTED')), { once: true }),
  );

async function runJobs(
  farm: OneShotFarm,
  paths: readonly string[],
  options: RenderOptions,
  slots: number,
): Promise<JobView[]> {
  const startedAt = performance.now();
  const write = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const { core } = farm.coordinator;
  const { jobIds, skipped } = await submitOrResume(core, paths, options);
  if (skipped.length > 0) process.stderr.write(`${skipped.length} skipped: ${skipped.slice(0, 5).join(', ')}\n`);
  const board = boardFor(process.stderr);
  const lines = options.json ? eventLines(write) : () => {};
  const reported = new Set<string>();
  const jobs = await untilFinal(projectionFeed(core.projection), jobIds, (view, patch) => {
    board.update(view);
    lines(view, patch);
    refuseHopeless(view, options.agents);
    for (const job of newlyFinal(view, jobIds, reported)) {
      const wallSeconds = (performance.now() - startedAt) / 1000;
      if (options.json) write(jobLine(job, { wallSeconds, slots }));
      else reportJob(job);
    }
  });
  board.end();
  return jobs;
}

function newlyFinal(view: FarmView, jobIds: readonly string[], reported: Set<string>): JobView[] {
  const final = view.jobs.filter((job) => jobIds.includes(job.jobId) && !reported.has(job.jobId) && isFinal(job));
  for (const job of final) reported.add(job.jobId);
  return final;
}

/** Sound alone has a length instead of frames. */
function contentText(job: JobView, { rendition, frames }: JobView['outputs'][number]): string {
  if (frames > 0) return `${frames} frames`;
  const planned = job.reports.find(({ preset }) => preset === rendition)?.output;
  return `${(planned?.durationSeconds ?? 0).toFixed(2)} s of sound`;
}

function reportJob(job: JobView): void {
  for (const output of job.outputs)
    process.stdout.write(`${output.path}  ${contentText(job, output)}  sha256 ${output.sha256}\n`);
  if (job.package !== null) process.stdout.write(`${job.package.path}  package (${job.package.kind})\n`);
  for (const warning of job.warnings) process.stderr.write(`note   ${job.name}: ${warning}\n`);
  if (job.plan === 'whole' && job.sourceFrames !== null)
    process.stderr.write(`note   ${job.name}: not cut. ${job.wholeReason}\n`);
  if (job.error !== null) process.stderr.write(`${job.name}\n${formatError(job.error)}`);
}
