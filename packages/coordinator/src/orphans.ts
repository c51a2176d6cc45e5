import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JobId } from '@reelmill/protocol';
import { objectKeys } from '@reelmill/storage';
import type { CoreContext } from './coreContext.ts';
import type { JobRequest } from './jobRecords.ts';

/**
 * Removes at a start what a crash left behind and no job names. Not after damage: it may belong to a job that the
 * journal lost.
 */
export async function forgetOrphans(context: CoreContext, uploadsFolder: string): Promise<void> {
  await forgetOrphanUploads(context, uploadsFolder);
  await forgetOrphanSequences(context);
  await sweepOrphanObjects(context);
}

/** Uploads that no job names were never submitted: the process that knew them is gone. */
async function forgetOrphanUploads(context: CoreContext, uploadsFolder: string): Promise<void> {
  const used = new Set(
    [...context.dispatcher.state().jobs.values()].map((job) => (job.request as JobRequest).uploadId),
  );
  for (const name of await readdir(uploadsFolder)) {
    if (!used.has(name)) await rm(join(uploadsFolder, name), { recursive: true, force: true });
  }
}

/** Wrapped sequences of jobs that were removed just before a crash. */
async function forgetOrphanSequences({ dispatcher, sequencesFolder }: CoreContext): Promise<void> {
  const { jobs } = dispatcher.state();
  for (const name of await readdir(sequencesFolder)) {
    const jobId = JobId.safeParse(name);
    if (!jobId.success || !jobs.has(jobId.data))
      await rm(join(sequencesFolder, name), { recursive: true, force: true });
  }
}

/**
 * Objects of jobs that were removed just before a crash. Only in the embedded store, which nobody else writes: a bucket
 * may hold the jobs of other coordinators.
 */
async function sweepOrphanObjects(context: CoreContext): Promise<void> {
  if (context.store.kind !== 'embedded') return;
  const { jobs } = context.dispatcher.state();
  const orphans = new Set<JobId>();
  for (const { key } of await context.store.list('videos/')) {
    const jobId = JobId.safeParse(key.split('/')[1]);
    if (jobId.success && !jobs.has(jobId.data)) orphans.add(jobId.data);
  }
  for (const jobId of orphans) await context.store.removePrefix(objectKeys.jobPrefix(jobId));
}
