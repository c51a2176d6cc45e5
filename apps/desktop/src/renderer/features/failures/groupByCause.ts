import type { JobView } from '@reelmill/protocol';

export type FailedJob = JobView & { error: NonNullable<JobView['error']> };

/** Failed jobs by code, without those that were given up: twenty files with one cause are one entry. */
export function groupByCause(jobs: readonly JobView[]): FailedJob[][] {
  const groups = new Map<string, FailedJob[]>();
  for (const job of jobs) {
    if (job.state !== 'failed' || job.givenUp || !job.error) continue;
    const failed = { ...job, error: job.error };
    groups.set(job.error.code, [...(groups.get(job.error.code) ?? []), failed]);
  }
  return [...groups.values()];
}

/** Names of the nodes that failed any of them. */
export const triedOn = (jobs: readonly FailedJob[]): string[] => [...new Set(jobs.flatMap((job) => job.failedOn))];
