import { FarmError } from '@reelmill/protocol';
import {
  type BucketRules,
  createBucketRules,
  createDiskStore,
  createS3Store,
  type DiskStore,
  type ObjectStore,
  type S3StoreSettings,
} from '@reelmill/storage';

export type StorageSettings = { readonly kind: 'embedded' } | ({ readonly kind: 's3' } & S3StoreSettings);

/** The object store of the settings, ready for use; `diskStore` is the same one where it is embedded. */
export async function openStore(
  settings: StorageSettings,
  place: { folder: string; secret: Uint8Array },
): Promise<{ store: ObjectStore; diskStore: DiskStore | null }> {
  if (settings.kind === 's3') {
    const store = createS3Store(settings);
    await store.ready();
    return { store, diskStore: null };
  }
  const diskStore = createDiskStore({ ...place, baseUrlPath: '/objects' });
  await diskStore.ready();
  return { store: diskStore, diskStore };
}

/** The rules of the settings' bucket about what jobs leave there. Throws STORE_EMBEDDED where there is none. */
export function bucketRules(settings: StorageSettings): BucketRules {
  if (settings.kind === 's3') return createBucketRules(settings);
  throw new FarmError('STORE_EMBEDDED');
}
