import { resolve } from 'node:path';
import type { Coordinator } from '@reelmill/coordinator';
import type { JobId } from '@reelmill/protocol';
import { packageOptions, sequenceOptions } from '../commands/options.ts';
import type { RenderOptions } from '../commands/renderCommand.ts';

/**
 * The scratch folder belongs to this very command: jobs found in it are its own, interrupted. They continue; failed
 * ones are tried again with their finished chunks; only a first run submits.
 */
export async function submitOrResume(
  core: Coordinator['core'],
  paths: readonly string[],
  options: RenderOptions,
): Promise<{ jobIds: JobId[]; skipped: readonly string[] }> {
  const earlier = core.projection.snapshot().farm.jobs;
  if (earlier.length > 0) {
    for (const job of earlier) {
      if (job.state === 'failed' || job.state === 'canceled') await core.retry(job.jobId);
    }
    return { jobIds: earlier.map((job) => job.jobId), skipped: [] };
  }
  const answer = await core.submit({
    inputs: paths.map((path) => ({ kind: 'path', path })),
    preset: [...options.preset],
    settings: options.set,
    outputFolder: resolve(options.out),
    chunkSeconds: options.chunkSeconds ?? null,
    threads: options.threads ?? null,
    verify: options.verify,
    ...sequenceOptions(options),
    ...packageOptions(options),
  });
  return { jobIds: answer.jobs.map((job) => job.jobId), skipped: answer.skipped };
}
