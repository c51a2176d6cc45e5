import {
  isStillPlan,
  Manifest,
  type ManifestTasks,
  manifestTasks,
  type OutputPlan,
  StillManifest,
  type StillTask,
  stillTasks,
} from '@reelmill/media';
import { BugError, type JobId, type RenditionId } from '@reelmill/protocol';
import { type ObjectStore, objectKeys } from '@reelmill/storage';
import { z } from 'zod';

/** `manifests/source.json`: the plans of all renditions and what the probe found, kept with the job. */
const SourceDocument = z.object({
  version: z.literal(2),
  jobId: z.string(),
  probe: z.unknown(),
  /** Whose job it is: several may share a bucket. Absent in older documents. */
  coordinatorId: z.string().optional(),
  manifests: z.array(z.union([StillManifest, Manifest])).min(1),
});

const Owned = z.object({ coordinatorId: z.string() });

export interface ShelvedFilm {
  readonly kind: 'film';
  readonly manifest: Manifest;
  readonly specs: ManifestTasks;
}
export interface ShelvedStills {
  readonly kind: 'stills';
  readonly manifest: StillManifest;
  readonly tasks: readonly StillTask[];
}
export type ShelvedPlan = ShelvedFilm | ShelvedStills;

/** Where only a film can be meant. Throws BugError for pictures. */
export function filmOf(plan: ShelvedPlan): ShelvedFilm {
  if (plan.kind === 'film') return plan;
  throw new BugError(`${plan.manifest.rendition} is no film`);
}

/** Plans of jobs: whole in the store, the recently used ones in memory. */
export interface ManifestShelf {
  save(jobId: JobId, content: { probe: unknown; manifests: readonly OutputPlan[] }): Promise<readonly ShelvedPlan[]>;
  /** Of all renditions, in the order asked for. Throws NOT_FOUND where the job has none. */
  all(jobId: JobId): Promise<readonly ShelvedPlan[]>;
  /** Of one rendition. Throws NOT_FOUND as `all`. */
  load(jobId: JobId, rendition: RenditionId | null): Promise<ShelvedPlan>;
  forget(jobId: JobId): void;
  /** Whether the store says that the job is, or was, one of this coordinator. */
  isOwn(jobId: JobId): Promise<boolean>;
}

const plansKept = 64;

const shelve = (manifest: OutputPlan): ShelvedPlan =>
  isStillPlan(manifest)
    ? { kind: 'stills', manifest, tasks: stillTasks(manifest) }
    : { kind: 'film', manifest, specs: manifestTasks(manifest) };

/** As `filmOf`, for pictures. */
export function stillsOf(plan: ShelvedPlan): ShelvedStills {
  if (plan.kind === 'stills') return plan;
  throw new BugError(`${plan.manifest.rendition} is a film`);
}

/** Makes the shelf over a store. */
export function createManifestShelf(store: ObjectStore, coordinatorId: string): ManifestShelf {
  const plans = new Map<JobId, readonly ShelvedPlan[]>();
  const keep = (jobId: JobId, manifests: readonly OutputPlan[]): readonly ShelvedPlan[] => {
    const shelved = manifests.map(shelve);
    plans.delete(jobId);
    plans.set(jobId, shelved);
    for (const oldest of plans.keys()) {
      if (plans.size <= plansKept) break;
      plans.delete(oldest);
    }
    return shelved;
  };
  const read = async (jobId: JobId): Promise<unknown> => {
    const stream = await store.get(objectKeys.sourceManifest(jobId));
    return JSON.parse(Buffer.concat(await stream.toArray()).toString('utf8'));
  };
  const all = async (jobId: JobId): Promise<readonly ShelvedPlan[]> => {
    const known = plans.get(jobId);
    if (known !== undefined) return known;
    const parsed = SourceDocument.safeParse(await read(jobId));
    if (!parsed.success) throw new BugError(`manifest of ${jobId} does not parse`, { cause: parsed.error });
    return keep(jobId, parsed.data.manifests);
  };
  return {
    all,
    async save(jobId, content) {
      const document = { version: 2, jobId, coordinatorId, ...content };
      await store.putBytes(objectKeys.sourceManifest(jobId), Buffer.from(JSON.stringify(document)));
      return keep(jobId, content.manifests);
    },
    async load(jobId, rendition) {
      const plan = (await all(jobId)).find(({ manifest }) => manifest.rendition === rendition);
      if (plan === undefined) throw new BugError(`${jobId} has no plan of ${rendition}`);
      return plan;
    },
    forget: (jobId) => void plans.delete(jobId),
    isOwn: (jobId) =>
      read(jobId).then(
        (document) => Owned.safeParse(document).data?.coordinatorId === coordinatorId,
        () => false, // nothing there proves it
      ),
  };
}
