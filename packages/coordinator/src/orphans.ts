import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JobId } from '@reelmill/protocol';
import { objectKeys } from '@reelmill/storage';
import type { CoreContext } from './coreContext.ts';
import type { CoreParts } from './farmCore.ts';
import { partPrefix } from './house/assembleTask.ts';
import { isWriteTrial } from './intake/writableFolder.ts';
import type { JobRequest } from './jobRecords.ts';

/**
 * Removes at a start what a crash left behind and no job names. Not after damage: it may belong to a job that the
 * journal lost.
 */
export async function forgetOrphans(context: CoreContext, uploadsFolder: string): Promise<void> {
  const used = usedUploads(context);
  for (const name of await readdir(uploadsFolder)) {
    // The process that knew it is gone: nobody can submit it any more.
    if (!used.has(name)) await rm(join(uploadsFolder, name), { recursive: true, force: true });
  }
  await forgetOrphanSequences(context);
  if (context.store.kind === 'embedded') await sweepOrphanObjects(context);
}

const sweepIntervalMs = 6 * 3_600_000;
/** A bucket is not asked while the first jobs want to begin. */
const firstSweepMs = 60_000;

/** The same from time to time, with what a start leaves alone: large buckets, output folders. Returns the way to stop. */
export function startOrphanSweeps(parts: CoreParts, uploadsFolder: string): () => void {
  const { logger } = parts.context;
  const sweep = (): void =>
    void sweepOrphans(parts, uploadsFolder).catch((cause) =>
      logger.warn({ err: cause }, 'what nobody needs could not be removed; tried again later'),
    );
  const timers = [setTimeout(sweep, firstSweepMs), setInterval(sweep, sweepIntervalMs)];
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
}

/** One pass over everything that may have been left: never what is not provably ours, never a source. */
export async function sweepOrphans(parts: CoreParts, uploadsFolder: string): Promise<void> {
  const { context } = parts;
  await forgetOldUploads(parts, uploadsFolder);
  await forgetOrphanSequences(context);
  await sweepOrphanObjects(context);
  await sweepOutputFolders(context);
}

const usedUploads = ({ dispatcher }: CoreContext): Set<string | null> =>
  new Set([...dispatcher.state().jobs.values()].map((job) => (job.request as JobRequest).uploadId));

const uploadKeptMs = 24 * 3_600_000;

/** Whoever sends a file submits it soon. */
async function forgetOldUploads({ context, uploads }: CoreParts, folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const times = await Promise.all((await readdir(path)).map((file) => modifiedMs(join(path, file))));
    const isOld = Date.now() - Math.max(await modifiedMs(path), ...times) > uploadKeptMs;
    if (!isOld || usedUploads(context).has(name)) continue;
    uploads.delete(name);
    await rm(path, { recursive: true, force: true });
  }
}

const modifiedMs = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(), // gone or moved meanwhile: somebody works with it
  );

/** Wrapped sequences of jobs that were removed just before a crash. */
async function forgetOrphanSequences({ dispatcher, sequencesFolder }: CoreContext): Promise<void> {
  const names = await readdir(sequencesFolder);
  const { jobs } = dispatcher.state();
  for (const name of names) {
    const jobId = JobId.safeParse(name);
    if (!jobId.success || !jobs.has(jobId.data))
      await rm(join(sequencesFolder, name), { recursive: true, force: true });
  }
}

/**
 * Objects and unfinished uploads of jobs that were removed just before a crash. A bucket may hold jobs of other
 * coordinators: there only those go whose plan names this one; the bucket's own rule takes the rest.
 */
async function sweepOrphanObjects({ store, dispatcher, manifests }: CoreContext): Promise<void> {
  const found = new Set<JobId>();
  for (const { key } of await store.list('videos/')) {
    const jobId = JobId.safeParse(key.split('/')[1]);
    if (jobId.success) found.add(jobId.data);
  }
  // Read after the listing: a job is in the journal before its first object is written.
  const { jobs } = dispatcher.state();
  for (const jobId of found) {
    if (jobs.has(jobId)) continue;
    if (store.kind === 'embedded' || (await manifests.isOwn(jobId)))
      await store.removePrefix(objectKeys.jobPrefix(jobId));
  }
}

const trialKeptMs = 3_600_000;

/** Hidden parts of jobs that have ended, and trials whether a folder can be written; another coordinator's jobs are not known here. */
async function sweepOutputFolders({ dispatcher }: CoreContext): Promise<void> {
  const jobs = [...dispatcher.state().jobs.values()];
  const folders = new Set(jobs.map((job) => (job.request as JobRequest).outputFolder));
  const ended = jobs.filter(({ phase }) => phase.kind !== 'active').map(({ jobId }) => partPrefix(jobId));
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      const isTrial = isWriteTrial(name) && Date.now() - (await modifiedMs(path)) > trialKeptMs;
      if (isTrial || (name.startsWith('.reelmill-') && ended.some((prefix) => name.startsWith(prefix))))
        await rm(path, { recursive: true, force: true });
    }
  }
}
