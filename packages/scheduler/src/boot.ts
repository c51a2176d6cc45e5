import type { Draft, RejectionReason } from './draft.ts';
import { endJobWhenDone, failJob } from './jobs.ts';
import { loseLease } from './leases.ts';
import type { JobRecord } from './model.ts';
import { quarantineConvicted } from './quarantine.ts';
import { jobOf, jobsInSequence, leasesOf, taskOf } from './state.ts';
import { restartedPlanning } from './submit.ts';

/**
 * Takes over a replayed state. Farm leases get one TTL (their nodes may still work on them); house tasks died with the
 * old process and are queued again; effects that may have been lost are derived anew, all idempotent.
 */
export function bootCoordinator(draft: Draft): RejectionReason | null {
  draft.emit({ type: 'coordinator-booted', v: 1, at: draft.at, iso: draft.iso });
  for (const [taskId, { attempt }] of leasesOf(draft.state, 'house')) {
    loseLease(draft, { taskId, attempt }, { reason: 'restarted', error: null, avoidNode: false });
  }
  for (const job of jobsInSequence(draft.state)) {
    if (job.phase.kind === 'active') resumeJob(draft, job);
    else {
      const keepSegments = job.phase.kind !== 'done' && job.givenUp !== true;
      draft.effect({ type: 'sweep-job', jobId: job.jobId, keepSegments });
    }
  }
  quarantineConvicted(draft);
  return null;
}

/** Draws the conclusions that the old process may not have come to. */
function resumeJob(draft: Draft, { jobId, taskIds }: JobRecord): void {
  for (const taskId of taskIds) {
    const { phase } = taskOf(draft.state, taskId);
    if (phase.kind === 'failed') {
      failJob(draft, { jobId, taskId, error: phase.error });
      return;
    }
  }
  endJobWhenDone(draft, jobId);
  restartedPlanning(draft, jobOf(draft.state, jobId));
}
