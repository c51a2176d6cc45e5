import type { Draft, RejectionReason } from './draft.ts';
import { loseLease } from './leases.ts';
import { leasesOf } from './state.ts';
import { restartedPlanning } from './submit.ts';

/**
 * Takes over a replayed state. Farm leases get one TTL (their nodes may still work on them); house tasks died with the
 * old process and are queued again; effects that may have been lost are derived anew, all idempotent.
 */
export function bootCoordinator(draft: Draft): RejectionReason | null {
  draft.emit({ type: 'coordinator-booted', v: 1, at: draft.at, iso: draft.iso });
  for (const taskId of leasesOf(draft.state, 'house').keys()) {
    loseLease(draft, taskId, { reason: 'restarted', error: null, avoidNode: false });
  }
  for (const job of [...draft.state.jobs.values()]) {
    if (job.phase.kind === 'active') restartedPlanning(draft, job);
    else draft.effect({ type: 'sweep-job', jobId: job.jobId, keepSegments: job.phase.kind !== 'done' });
  }
  return null;
}
