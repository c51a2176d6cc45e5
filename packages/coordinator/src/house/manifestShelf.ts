import { Manifest, type ManifestTasks, manifestTasks } from '@reelmill/media';
import { BugError, type JobId } from '@reelmill/protocol';
import { type ObjectStore, objectKeys } from '@reelmill/storage';
import { z } from 'zod';

/** `manifests/source.json`: the plan and what the probe found, kept with the job. */
const SourceDocument = z.object({ version: z.literal(1), jobId: z.string(), probe: z.unknown(), manifest: Manifest });

export interface ShelvedPlan {
  readonly manifest: Manifest;
  readonly specs: ManifestTasks;
}

/** Plans of jobs: whole in the store, the recently used ones in memory. */
export interface ManifestShelf {
  save(jobId: JobId, content: { probe: unknown; manifest: Manifest }): Promise<ShelvedPlan>;
  /** Throws NOT_FOUND where the job has none. */
  load(jobId: JobId): Promise<ShelvedPlan>;
  forget(jobId: JobId): void;
}

const plansKept = 64;

/** Makes the shelf over a store. */
export function createManifestShelf(store: ObjectStore): ManifestShelf {
  const plans = new Map<JobId, ShelvedPlan>();
  const keep = (jobId: JobId, manifest: Manifest): ShelvedPlan => {
    const plan = { manifest, specs: manifestTasks(manifest) };
    plans.delete(jobId);
    plans.set(jobId, plan);
    for (const oldest of plans.keys()) {
      if (plans.size <= plansKept) break;
      plans.delete(oldest);
    }
    return plan;
  };
  return {
    async save(jobId, content) {
      const document = { version: 1, jobId, ...content };
      await store.putBytes(objectKeys.sourceManifest(jobId), Buffer.from(JSON.stringify(document)));
      return keep(jobId, content.manifest);
    },
    async load(jobId) {
      const known = plans.get(jobId);
      if (known !== undefined) return known;
      const stream = await store.get(objectKeys.sourceManifest(jobId));
      const text = Buffer.concat(await stream.toArray()).toString('utf8');
      const parsed = SourceDocument.safeParse(JSON.parse(text));
      if (!parsed.success) throw new BugError(`manifest of ${jobId} does not parse`, { cause: parsed.error });
      return keep(jobId, parsed.data.manifest);
    },
    forget: (jobId) => void plans.delete(jobId),
  };
}
