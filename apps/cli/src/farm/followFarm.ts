import { applyPatch, type FarmPatch, type FarmSnapshot, type FarmView, type JobView } from '@reelmill/protocol';

/** `patch` is null at the first call and after a resync. */
export type FarmListener = (farm: FarmView, patch: FarmPatch | null) => void;

/** A live replica of the farm: calls the listener at once, then on every change, until the returned function is called. */
export interface FarmFeed {
  follow(listener: FarmListener): () => void;
}

interface Projection {
  snapshot(): FarmSnapshot;
  subscribe(listener: (patch: FarmPatch) => void, options: { readonly endsAtOnce: boolean }): () => void;
}

/** Feed of a coordinator inside this process. */
export function projectionFeed(projection: Projection): FarmFeed {
  return {
    follow(listener) {
      let { farm, sequence } = projection.snapshot();
      listener(farm, null);
      const onPatch = (patch: FarmPatch): void => {
        if (patch.sequence <= sequence) return;
        farm = applyPatch(farm, patch);
        sequence = patch.sequence;
        listener(farm, patch);
      };
      return projection.subscribe(onPatch, { endsAtOnce: true });
    },
  };
}

export const isFinal = (job: JobView): boolean => ['done', 'failed', 'canceled'].includes(job.state);

/** Resolves with the job views once each of the jobs has been seen and is done, failed, canceled or removed. */
export function untilFinal(feed: FarmFeed, jobIds: readonly string[], onChange: FarmListener): Promise<JobView[]> {
  return new Promise((resolve) => {
    let settled = false;
    const seen = new Set<string>();
    const stop = feed.follow((farm, patch) => {
      if (settled) return;
      onChange(farm, patch);
      const jobs = farm.jobs.filter((job) => jobIds.includes(job.jobId));
      for (const job of jobs) seen.add(job.jobId);
      if (seen.size < jobIds.length || !jobs.every(isFinal)) return;
      settled = true;
      queueMicrotask(() => stop());
      resolve(jobs);
    });
  });
}
