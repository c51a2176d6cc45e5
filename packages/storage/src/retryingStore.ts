import { type RetryPolicy, withRetries } from './backoff.ts';
import type { CallOptions, ObjectStore } from './objectStore.ts';

/**
 * The same store, patient: calls that fail on the way (STORAGE_UNREACHABLE, STORAGE_CORRUPT) are repeated with backoff.
 * Every call of the port may be repeated: writes replace whole objects, removals and promotions are idempotent. A
 * stream that `get` returned is not repeated once it flows.
 */
export function retryingStore(store: ObjectStore, policy: Partial<RetryPolicy> = {}): ObjectStore {
  const patiently = <T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> =>
    withRetries(work, { signal: options?.signal, policy });
  return {
    kind: store.kind,
    ready: (options) => patiently(options, () => store.ready(options)),
    putFile: (key, path, options) => patiently(options, () => store.putFile(key, path, options)),
    putBytes: (key, bytes, options) => patiently(options, () => store.putBytes(key, bytes, options)),
    get: (key, options) => patiently(options, () => store.get(key, options)),
    getFile: (key, path, options) => patiently(options, () => store.getFile(key, path, options)),
    head: (key, options) => patiently(options, () => store.head(key, options)),
    list: (prefix, options) => patiently(options, () => store.list(prefix, options)),
    promote: (from, to, options) => patiently(options, () => store.promote(from, to, options)),
    remove: (key, options) => patiently(options, () => store.remove(key, options)),
    removePrefix: (prefix, options) => patiently(options, () => store.removePrefix(prefix, options)),
    signGet: (key, options) => patiently(undefined, () => store.signGet(key, options)),
    signPut: (key, options) => patiently(undefined, () => store.signPut(key, options)),
    localPath: (key) => store.localPath(key),
    freeBytes: () => store.freeBytes(),
  };
}
