import { addAbortSignal, type Readable } from 'node:stream';
import { FarmError } from '@reelmill/protocol';
import { Client, CopyDestinationOptions, CopySourceOptions } from 'minio';
import type { RetryPolicy } from './backoff.ts';
import { sha256OfBytes, sha256OfFile } from './hashing.ts';
import { assertObjectKey, assertObjectPrefix, assertRemovablePrefix } from './objectKeys.ts';
import type { ObjectInfo, ObjectStore } from './objectStore.ts';
import { readIntoFile } from './readIntoFile.ts';
import { retryingStore } from './retryingStore.ts';
import { toS3Error } from './s3Errors.ts';
import { createS3Presigning, hashHeader } from './s3Presigning.ts';
import { canceled, notFound } from './storageErrors.ts';
import { uploadSigned } from './uploadSigned.ts';

const gibibyte = 1024 ** 3;
/** Limit of S3 on one server-side copy; larger objects are copied part by part, still on the server. */
const largestCopyBytes = 5 * gibibyte;
const ownUploadTtlSeconds = 6 * 3600;

export interface S3StoreSettings {
  /** Host name or address that this machine and every node reach. */
  readonly endpoint: string;
  readonly port: number;
  readonly useSSL: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Default `videos`; made by `ready` when it is missing. */
  readonly bucket?: string;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Larger objects are written in parts; default 1 GiB. */
  readonly multipartThresholdBytes?: number;
  /** Default 64 MiB; S3 allows no less than 5 MiB. */
  readonly partSizeBytes?: number;
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly now?: () => number;
  readonly retry?: Partial<RetryPolicy>;
}

/** A store that speaks S3. Transport errors are retried. Errors and their causes never hold keys or signed URLs. */
export function createS3Store(settings: S3StoreSettings): ObjectStore {
  return retryingStore(createBareS3Store(settings), settings.retry);
}

function createBareS3Store(settings: S3StoreSettings): ObjectStore {
  const { endpoint, port, useSSL, accessKey, secretKey, bucket = 'videos', region = 'us-east-1' } = settings;
  const now = settings.now ?? Date.now;
  const client = new Client({
    endPoint: endpoint,
    port,
    useSSL,
    accessKey,
    secretKey,
    region,
    pathStyle: true,
    retryOptions: { disableRetry: true }, // it writes its retries to the console; ours are counted and logged
  });
  const { multipartThresholdBytes = gibibyte, partSizeBytes = 64 * 1024 ** 2 } = settings;
  const origin = new URL(`${useSSL ? 'https' : 'http'}://${endpoint}:${port}`).origin;
  const signer = { accessKey, secretKey, region };
  const presigning = createS3Presigning({
    client,
    signer,
    origin,
    bucket,
    multipartThresholdBytes,
    partSizeBytes,
    now,
  });

  async function stat(key: string): Promise<(ObjectInfo & { etag: string }) | null> {
    try {
      const { size, metaData, etag } = await client.statObject(bucket, key);
      return { key, sizeBytes: size, sha256: (metaData.sha256 as string | undefined) ?? null, etag };
    } catch (thrown) {
      const error = toS3Error(thrown, key);
      if (error instanceof FarmError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }

  async function list(prefix: string, signal?: AbortSignal): Promise<ObjectInfo[]> {
    const stream = client.listObjectsV2(bucket, prefix, true);
    if (signal) addAbortSignal(signal, stream);
    const found: ObjectInfo[] = [];
    for await (const item of stream as AsyncIterable<{ name: string; size: number }>) {
      found.push({ key: item.name, sizeBytes: item.size, sha256: null });
    }
    return found;
  }

  async function copy(from: ObjectInfo & { etag: string }, to: string): Promise<void> {
    const source = new CopySourceOptions({ Bucket: bucket, Object: from.key, MatchETag: from.etag });
    const metadata = from.sha256 === null ? {} : { UserMetadata: { sha256: from.sha256 } };
    if (from.sizeBytes <= largestCopyBytes) {
      await client.copyObject(source, new CopyDestinationOptions({ Bucket: bucket, Object: to }));
    } else {
      await client.composeObject(new CopyDestinationOptions({ Bucket: bucket, Object: to, ...metadata }), [source]);
    }
  }

  return {
    kind: 's3',
    ready: (options) =>
      calling('', options?.signal, async () => {
        if (await client.bucketExists(bucket)) return;
        await client.makeBucket(bucket, region).catch((thrown: unknown) => {
          if ((thrown as { code?: unknown }).code !== 'BucketAlreadyOwnedByYou') throw thrown; // made meanwhile
        });
      }),
    putFile: (key, path, options = {}) =>
      calling(key, options.signal, async () => {
        assertObjectKey(key);
        const { signal } = options;
        const announced = await sha256OfFile(path, signal ? { signal } : {});
        const put = await presigning.signPut(key, { ...announced, ttlSeconds: ownUploadTtlSeconds });
        await uploadSigned(put, path, { ...announced, ...(signal ? { signal } : {}), retry: { tries: 1 } });
        return announced;
      }),
    putBytes: (key, bytes, options = {}) =>
      calling(key, options.signal, async () => {
        assertObjectKey(key);
        const sha256 = sha256OfBytes(bytes);
        await client.putObject(bucket, key, Buffer.from(bytes), bytes.length, { [hashHeader]: sha256 });
        return { sha256 };
      }),
    get: (key, options = {}) =>
      calling(key, options.signal, async () => {
        assertObjectKey(key);
        const { range, signal } = options;
        const stream: Readable = range
          ? await client.getPartialObject(bucket, key, range.start, range.end - range.start)
          : await client.getObject(bucket, key);
        return signal ? addAbortSignal(signal, stream) : stream;
      }),
    getFile: (key, path, options = {}) =>
      calling(key, options.signal, async () => {
        assertObjectKey(key);
        const { sha256, signal } = options;
        return await readIntoFile(await client.getObject(bucket, key), { key, path, sha256, signal });
      }),
    head: (key, options = {}) =>
      calling(key, options.signal, async () => {
        assertObjectKey(key);
        const found = await stat(key);
        return found && { key, sizeBytes: found.sizeBytes, sha256: found.sha256 };
      }),
    list: (prefix, options = {}) =>
      calling(prefix, options.signal, async () => {
        assertObjectPrefix(prefix);
        return await list(prefix, options.signal);
      }),
    promote: (from, to, options = {}) =>
      calling(from, options.signal, async () => {
        assertObjectKey(from);
        assertObjectKey(to);
        const [origin, target] = [await stat(from), await stat(to)];
        if (origin === null) throw notFound(from);
        if (target === null) return await copy(origin, to);
        if (!isSameContent(origin, target)) throw otherContent(to);
      }),
    remove: (key, options = {}) =>
      calling(key, options.signal, async () => {
        assertObjectKey(key);
        await client.removeObject(bucket, key);
        await presigning.abortUploads((upload) => upload === key);
      }),
    removePrefix: (prefix, options = {}) =>
      calling(prefix, options.signal, async () => {
        assertRemovablePrefix(prefix);
        const keys = (await list(prefix, options.signal)).map(({ key }) => key);
        const refusals = keys.length === 0 ? [] : await client.removeObjects(bucket, keys);
        if (refusals.some(Boolean)) throw new FarmError('STORAGE_REFUSED', { details: { key: prefix } });
        await presigning.abortUploads((upload) => upload.startsWith(prefix));
      }),
    signGet: (key, { ttlSeconds, sha256 }) =>
      calling(key, undefined, async () => {
        assertObjectKey(key);
        const found = await stat(key);
        if (found === null) throw notFound(key);
        const url = await client.presignedGetObject(bucket, key, ttlSeconds, {}, new Date(now()));
        return { url, sizeBytes: found.sizeBytes, sha256: sha256 ?? found.sha256 };
      }),
    signPut: (key, { ttlSeconds, sizeBytes, sha256 }) =>
      calling(key, undefined, async () => {
        assertObjectKey(key);
        return await presigning.signPut(key, { ttlSeconds, sizeBytes, sha256 });
      }),
    localPath: () => null,
    freeBytes: async () => null,
  };
}

function isSameContent(a: ObjectInfo & { etag: string }, b: ObjectInfo & { etag: string }): boolean {
  if (a.sizeBytes !== b.sizeBytes) return false;
  return a.sha256 !== null && b.sha256 !== null ? a.sha256 === b.sha256 : a.etag === b.etag;
}

const otherContent = (to: string): FarmError =>
  new FarmError('STORAGE_REFUSED', {
    message: `The object ${to} exists with other content; it is not replaced.`,
    details: { key: to },
  });

/** Runs one call of the client: errors shaped, and CANCELED at once when `signal` aborts, which the client cannot. */
async function calling<T>(key: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal?.aborted) throw canceled(signal.reason);
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(canceled(signal?.reason));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), aborted.promise]);
  } catch (thrown) {
    throw toS3Error(thrown, key);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
