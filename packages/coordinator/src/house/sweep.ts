import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JobId } from '@reelmill/protocol';
import { objectKeys } from '@reelmill/storage';
import type { CoreContext } from '../coreContext.ts';
import type { JobRequest } from '../jobRecords.ts';
import { partPrefix } from './assembleTask.ts';

export interface SweepFacts {
  readonly jobId: JobId;
  /** The job's request; null where the job was removed and nobody remembers it. */
  readonly request: JobRequest | null;
  readonly removed: boolean;
  /** `parts`: what is verified waits for a retry. `segments`: for its retention to end. */
  readonly keep: 'parts' | 'segments' | 'nothing';
}

/** A job that was duplicated shares its upload. */
const isUploadUsed = ({ dispatcher }: CoreContext, uploadId: string): boolean =>
  [...dispatcher.state().jobs.values()].some((job) => (job.request as JobRequest).uploadId === uploadId);

/** Hidden files and folders that were not published; a folder that is gone holds none. */
async function removeParts(folder: string, jobId: JobId): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (name.startsWith(partPrefix(jobId))) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Takes away the scratch of an ended job: always what attempts left and the hidden part file; accepted parts once the
 * job is done and its retention is over, with plan and probe data: only pictures that were asked for remain;
 * everything once the job is removed. Idempotent.
 */
export async function sweepJob(context: CoreContext, facts: SweepFacts): Promise<void> {
  const { store } = context;
  const { jobId, request } = facts;
  if (request !== null) await removeParts(request.outputFolder, jobId);
  if (facts.keep !== 'parts' && request?.sequence) {
    await rm(join(context.sequencesFolder, jobId), { recursive: true, force: true });
  }
  if (facts.removed) {
    context.manifests.forget(jobId);
    if (request?.uploadId != null && !isUploadUsed(context, request.uploadId))
      await rm(dirname(request.sourcePath), { recursive: true, force: true });
    await store.removePrefix(objectKeys.jobPrefix(jobId));
    return;
  }
  await store.removePrefix(objectKeys.attemptsPrefix(jobId));
  if (facts.keep === 'parts') return;
  await store.removePrefix(`${objectKeys.jobPrefix(jobId)}source/`);
  if (facts.keep === 'segments') return;
  await store.removePrefix(`${objectKeys.jobPrefix(jobId)}outputs/`);
  await store.removePrefix(`${objectKeys.jobPrefix(jobId)}manifests/`);
  context.manifests.forget(jobId);
}
