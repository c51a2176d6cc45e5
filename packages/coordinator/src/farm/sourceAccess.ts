import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { assertSourceUnchanged, type OutputPlan } from '@reelmill/media';
import { BugError, type JobId, type Sha256, type SourceAccess } from '@reelmill/protocol';
import { objectKeys } from '@reelmill/storage';
import type { CoreContext } from '../coreContext.ts';
import { taskIds } from '../house/planTasks.ts';
import type { ConnectedAgent } from './agentRoster.ts';

/** How long an agent may take until it starts to fetch what an offer names. */
export const urlTtlSeconds = 3600;

/** Tells agents where the source of a task is (decision 14). */
export interface SourceDesk {
  /** In place on the same machine; else by signed URL, after a one-time upload where the store is remote. */
  accessFor(agent: ConnectedAgent, jobId: JobId, manifest: OutputPlan): Promise<SourceAccess>;
  forget(jobId: JobId): void;
}

/** Makes the desk of one coordinator. */
export function createSourceDesk(context: CoreContext): SourceDesk {
  const uploads = new Map<JobId, Promise<{ key: string; sha256: Sha256 }>>();

  const uploadOnce = (jobId: JobId, manifest: OutputPlan): Promise<{ key: string; sha256: Sha256 }> => {
    const known = uploads.get(jobId);
    if (known !== undefined) return known;
    const upload = uploadSource(context, jobId, manifest);
    uploads.set(jobId, upload);
    upload.catch(() => uploads.delete(jobId)); // the caller hears of it; the next offer tries again
    return upload;
  };

  return {
    async accessFor(agent, jobId, manifest) {
      await assertSourceUnchanged(manifest.source);
      if (agent.facts.local) return { kind: 'in-place', identity: manifest.source };
      const { baseUrl } = agent.connection;
      const facts = {
        kind: 'fetch',
        sourceId: sourceIdOf(context, manifest),
        extension: extensionOf(manifest),
      } as const;
      if (context.diskStore !== null) {
        const sha256 = hashOf(context, jobId);
        const options = { ttlSeconds: urlTtlSeconds, baseUrl, sha256 };
        return { ...facts, get: context.diskStore.signOriginal(manifest.source.path, manifest.source, options) };
      }
      const { key, sha256 } = await uploadOnce(jobId, manifest);
      return { ...facts, get: await context.store.signGet(key, { ttlSeconds: urlTtlSeconds, baseUrl, sha256 }) };
    },
    forget: (jobId) => void uploads.delete(jobId),
  };
}

/** Once per job, and only if a remote node takes part; a restart recognises an upload by its size and hash. */
async function uploadSource(
  context: CoreContext,
  jobId: JobId,
  manifest: OutputPlan,
): Promise<{ key: string; sha256: Sha256 }> {
  const { store } = context;
  const { path, sizeBytes } = manifest.source;
  const key = objectKeys.sourceUpload(jobId, basename(path));
  const found = await store.head(key);
  if (found !== null && found.sha256 !== null && found.sizeBytes === sizeBytes) return { key, sha256: found.sha256 };
  const total = sizeBytes;
  const taskId = taskIds.probe(jobId);
  const progress = { taskId, jobId, phase: 'fetch', percent: null } as const;
  context.emit({ kind: 'house-progress', progress: { ...progress, bytes: { done: 0, total } } });
  const put = await store.putFile(key, path);
  context.emit({ kind: 'house-progress', progress: { ...progress, bytes: { done: total, total } } });
  await assertSourceUnchanged(manifest.source);
  return { key, sha256: put.sha256 };
}

/** Names the same bytes for every job that reads them: agents cache by it. */
function sourceIdOf(context: CoreContext, manifest: OutputPlan): string {
  const { path, sizeBytes, mtimeNs, inode } = manifest.source;
  const text = [context.coordinatorId, path, sizeBytes, mtimeNs, inode].join('\0');
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

const extensionOf = (manifest: OutputPlan): string =>
  /^\.[a-z0-9]{1,8}$/i.exec(extname(manifest.source.path))?.[0] ?? '';

function hashOf(context: CoreContext, jobId: JobId): Sha256 | null {
  const phase = context.dispatcher.state().tasks.get(taskIds.hash(jobId))?.phase;
  if (phase?.kind !== 'completed') return null;
  const { sha256 } = phase.result.report as { sha256?: Sha256 };
  if (sha256 === undefined) throw new BugError('a hash task without a hash');
  return sha256;
}
